//! ASVS 16.2.5: the log reports failures without usable secrets.

use crate::support::{Scene, token};
use scene::{Answer, COOKIE, Endpoint, Lie, Logs};
use serde_json::json;

#[tokio::test]
async fn no_secret_of_a_login_that_fails_is_in_any_line() {
    let scene = Scene::whole().await;
    let old = token(&scene.log_in().await);
    let logs = Logs::capture();
    let mut visits = Vec::new();
    for lie in [
        Lie::Claim("nonce", json!("of another login")),
        Lie::Answer(Endpoint::Token, Answer::Status(500)),
        Lie::Answer(Endpoint::Token, Answer::OAuth("invalid_grant")),
        Lie::Answer(Endpoint::Jwks, Answer::Html),
    ] {
        let visit = scene.visit().await;
        scene.provider.lie(lie);
        scene.ask(&visit.request().cookie(COOKIE, &old.expose())).await;
        scene.ask(&visit.without_cookie()).await;
        scene.ask(&visit.without("iss").request()).await;
        scene.ask(&visit.with(format!("{}&code=x", visit.query)).request()).await;
        scene.provider.repent();
        visits.push(visit);
    }
    let last = scene.visit().await;
    scene.stores.go_away().await;
    assert_eq!(scene.ask(&last.request().cookie(COOKIE, &old.expose())).await.status, 503);
    visits.push(last);

    let text = logs.text();
    assert_eq!(logs.of("request").len(), 17);
    let mut secrets = scene.provider.secrets();
    secrets.extend([old.expose().to_string(), old.csrf(), "ana@example.com".to_owned()]);
    for visit in visits {
        let code = visit.query.split('&').find_map(|pair| pair.strip_prefix("code=")).expect("a code").to_owned();
        let attempt = visit.attempt;
        secrets.extend([code, attempt.encode(), attempt.state, attempt.nonce, attempt.verifier]);
    }
    for secret in secrets {
        assert!(!secret.is_empty() && !text.contains(&secret), "{secret} in {text}");
    }
}
