use crate::support::APP_URL;
use environment::Environment;
use strength::Strength;

fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    let mut environment = Environment::of(pairs.iter().copied());
    let strength = Strength::from_environment(&mut environment);
    environment
        .finish(strength)
        .map_or_else(|faults| faults.0.into_iter().map(|fault| fault.name).collect(), |_| vec![])
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_name() {
    for (name, value, good) in [
        ("PASSWORD_MIN_LENGTH", "8", true),
        ("PASSWORD_MIN_LENGTH", "64", true),
        ("PASSWORD_MIN_LENGTH", "7", false),
        ("PASSWORD_MIN_LENGTH", "65", false),
        ("PASSWORD_MIN_LENGTH", "-12", false),
        ("PASSWORD_MIN_LENGTH", "twelve", false),
        ("PASSWORD_BREACH_URL", "https://breaches.example/range/", true),
        ("PASSWORD_BREACH_URL", "http://127.0.0.1:8080/range", true),
        ("PASSWORD_BREACH_URL", "http://breaches.example/range/", false),
        ("PASSWORD_BREACH_URL", "https://breaches.example/range?mode=ntlm", false),
        ("PASSWORD_BREACH_URL", "range", false),
        ("BRAND_NAME", "Acme \u{201c}Notes\u{201d}", true),
    ] {
        let expected = if good { vec![] } else { vec![name.to_owned()] };
        assert_eq!(faults(&[("APP_URL", APP_URL), (name, value)]), expected, "{name}={value}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let pairs = [("APP_URL", "app"), ("PASSWORD_MIN_LENGTH", "0"), ("PASSWORD_BREACH_URL", "x")];
    let mut names = faults(&pairs);
    names.sort();
    assert_eq!(names, ["APP_URL", "PASSWORD_BREACH_URL", "PASSWORD_MIN_LENGTH"]);
    assert_eq!(faults(&[]), ["APP_URL"]);
}
