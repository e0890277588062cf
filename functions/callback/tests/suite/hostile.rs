use crate::support::Scene;
use scene::{HOSTILE, Lie};

/// ASVS 2.2.1: the provider says what it thinks of it.
#[tokio::test]
async fn no_hostile_code_signs_in() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    for text in HOSTILE {
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let code = visit.without("code");
        let reply = scene.ask(&code.with(format!("{}&code={escaped}", code.query)).request()).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "{text:?}");
    }
}

/// ASVS 1.2.4, 2.2.1: what a provider says of its user is text too.
#[tokio::test]
async fn no_hostile_claim_becomes_more_than_text() {
    for text in HOSTILE {
        let scene = Scene::small().await;
        for claim in ["sub", "email", "name", "picture"] {
            scene.provider.lie(Lie::Claim(claim, text.into()));
        }
        let reply = scene.log_in().await;
        let printable = !text.is_empty() && text.is_ascii();
        assert_eq!(reply.status, if printable { 302 } else { 400 }, "{text:?}: {reply:?}");
        assert_eq!(scene.count("users").await, usize::from(printable), "{text:?}");
    }
}
