use crate::support::{Scene, route};
use scene::{HOSTILE, Lie, each_hostile, whatever_is_asked};

const DOCUMENTED: [u16; 5] = [302, 400, 404, 405, 409];

/// ASVS 1.2.1, 2.2.1, 15.3.7: a callback whose attempt is sound, so that the text comes as far as it can.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    for request in each_hostile(&visit.without("code").request()) {
        let reply = scene.ask(&request).await;
        assert!(DOCUMENTED.contains(&reply.status) && reply.status != 302, "{request:?}: {reply:?}");
    }
    for text in HOSTILE {
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let code = visit.without("code");
        let reply = scene.ask(&code.with(format!("{}&code={escaped}", code.query)).request()).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "{text:?}");
    }
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(Scene::small());
    whatever_is_asked(200, &["/callback/{provider}"], |request| {
        for request in [request.clone(), request.clone().fill("acme"), route().query("state=x")] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status) && reply.status != 302, "{reply:?}");
        }
    });
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
