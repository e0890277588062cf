//! ASVS 6.2.1–6.2.12.

use crate::support::{GOOD, judge, strength};
use proptest::prelude::*;
use reason::{Code, Reason};
use users::Password;

/// ASVS 6.2.1, 6.2.9: twelve code points, or what the setting says.
#[tokio::test]
async fn length_counts_in_code_points_of_the_composed_form() {
    let default = strength(&[]);
    for (password, good) in [
        ("qxvbzjkwtrmg", true),
        ("qxvbzjkwtrm", false),
        ("\u{44f}\u{449}\u{436}\u{444}\u{44b}\u{447}\u{448}\u{44e}\u{431}\u{446}\u{445}\u{44d}", true),
        // 22 code points as they were typed, 11 as they are compared and kept.
        (&"qxvbzjkwtrm".replace('q', "e\u{301}"), false),
        ("\u{1f511}\u{1f98a}\u{1f3b2}\u{1f30b}\u{1f9ca}\u{1f41d}", false),
    ] {
        assert_eq!(judge(&default, password, &[]).await.is_ok(), good, "{password}");
    }
    assert_eq!(judge(&default, "qxvbzjkwtrm", &[]).await, Err(Reason::too_short(12)));

    let long = strength(&[("PASSWORD_MIN_LENGTH", "20")]);
    assert_eq!(judge(&long, "qxvbzjkwtrmgqxvbzj8", &[]).await, Err(Reason::too_short(20)));
    assert_eq!(judge(&long, "qxvbzjkwtrmgpylodn8h", &[]).await, Ok(()));
}

/// ASVS 6.2.5: one kind of character is enough.
#[tokio::test]
async fn nothing_is_asked_of_the_composition() {
    for password in ["qxvbzjkwtrmg", "QXVBZJKWTRMG", "730918264501", "}~]#$+=%^@|{", "            q x  v"] {
        assert_eq!(judge(&strength(&[]), password, &[]).await, Ok(()), "{password}");
    }
}

/// ASVS 6.2.9, 6.2.8: long ones are allowed, up to the longest that is read.
#[tokio::test]
async fn a_passphrase_of_128_characters_and_more_is_accepted() {
    for length in [64, 128, 256] {
        let password: String = format!("{GOOD}, ").repeat(9).chars().take(length).collect();
        let mixed: String = format!("{GOOD} qxvbzjkwtrmg {password}").chars().take(length).collect();
        assert_eq!(judge(&strength(&[]), &mixed, &[]).await, Ok(()), "{length}");
    }
}

/// ASVS 6.2.4.
#[tokio::test]
async fn common_passwords_are_refused_with_a_reason() {
    let strength = strength(&[("PASSWORD_MIN_LENGTH", "8")]);
    for password in ["password1", "iloveyou", "qwertyuiop", "1q2w3e4r5t", "password1234", "P4ssw0rd!", "trustno1"] {
        let code = judge(&strength, password, &[]).await.expect_err(password).code();
        let guessed = [Code::Common, Code::Guessable, Code::Keyboard, Code::Sequence, Code::SingleWord];
        assert!(guessed.contains(&code), "{password}: {code:?}");
    }
    assert_eq!(judge(&strength, "password1", &[]).await, Err(Code::Common.into()));
}

/// ASVS 6.2.11: the person's words and the product's.
#[tokio::test]
async fn own_words_are_refused_with_a_reason() {
    let strength = strength(&[("BRAND_NAME", "Zorblatt Quixbee"), ("PASSWORD_MIN_LENGTH", "8")]);
    let own = ["vexkiddle.jorqua@wumpfhag.example", "Thrymbel Oxquist"];
    for password in [
        "vexkiddle.jorqua@wumpfhag.example",
        "Vexkiddle.Jorqua",
        "vexkiddle1",
        "wumpfhag2026",
        "Thrymbel!",
        "oxquist-thrymbel",
        "0xqu1st + thrymb3l!",
        "Thrymbel Oxquist",
        "zorblatt1",
        "quixbee-zorblatt",
        "ZorblattQuixbee",
        "notes.acme.example",
        "j0rqu4jorqua",
    ] {
        assert_eq!(judge(&strength, password, &own).await, Err(Code::OwnWords.into()), "{password}");
    }
    for password in ["vexkiddle.jorqua@wumpfhag.example", "Thrymbel Oxquist"] {
        assert_eq!(judge(&strength, password, &[]).await, Ok(()), "somebody else's: {password}");
    }
    for password in ["Thrymbel and the seven staplers", "thrymbel qxvbzjkwtrmg"] {
        assert_eq!(judge(&strength, password, &own).await, Ok(()), "what stands beside it is enough: {password}");
    }
}

/// Without a product name, the address of the app takes its place.
#[tokio::test]
async fn the_app_s_host_is_a_word_of_the_product() {
    let other = strength(&[("APP_URL", "https://zorblattquix.example"), ("PASSWORD_MIN_LENGTH", "8")]);
    assert_eq!(judge(&other, "zorblattquix1", &[]).await, Err(Code::OwnWords.into()));
    assert_eq!(judge(&strength(&[]), "zorblattquix1", &[]).await, Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// ASVS 2.2.1.
    #[test]
    fn no_password_and_no_name_breaks_it(text in "\\PC{1,256}", own in prop::collection::vec("\\PC{0,300}", 0..4)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let strength = strength(&[]);
        let password = Password::parse(&text).unwrap();
        let judged = runtime.block_on(strength.judge(&password, &own));
        prop_assert_eq!(password.expose().chars().count() < 12, judged == Err(Reason::too_short(12)));
    }
}
