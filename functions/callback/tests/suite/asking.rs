//! When a provider asked the person for a credential, and how recent the session counts. ASVS 6.8.4, 7.6.2.

use crate::{
    adding::begun_in,
    support::{Scene, Visit, token},
};
use jiff::{SignedDuration, Timestamp};
use scene::{Lie, Reply};
use serde_json::{Value, json};
use session::{Session, Slide};
use url::Url;

impl Scene {
    /// Begins a login that requires the provider to ask, and does what the browser does at the provider.
    async fn visit_with_prompt(&self) -> Visit {
        let ours = self.function.providers.find("acme").expect("a provider");
        let redirect_uri = self.function.gate.callback_url("acme");
        let begun = ours.begin_with_prompt(&redirect_uri, "https://app.example.com/inbox", self.now).await;
        let (url, attempt) = begun.expect("a login begins");
        let back = Url::parse(&self.provider.authorize(url.as_str())).expect("a callback URL");
        Visit { attempt, query: back.query().expect("a query").to_owned() }
    }

    /// The provider asked the person this many seconds ago.
    fn asked(&self, seconds_ago: i64) {
        let asked_at = self.now.as_second() - seconds_ago;
        self.provider.repent().lie(Lie::Claim("auth_time", json!(asked_at)));
    }

    async fn session_of(&self, reply: &Reply) -> Session {
        let session = self.sessions().authenticate(&token(reply), Slide::No, self.now).await;
        session.expect("stores").expect("a session")
    }

    async fn is_recent(&self, reply: &Reply) -> bool {
        self.function.gate.recent(&self.session_of(reply).await, self.now).is_ok()
    }
}

#[tokio::test]
async fn a_session_is_as_recent_as_the_provider_says() {
    let scene = Scene::whole().await;
    for (seconds_ago, recent) in [(0, true), (14 * 60, true), (15 * 60 + 1, false), (86_400, false), (-3600, true)] {
        scene.asked(seconds_ago);
        let reply = scene.log_in().await;
        assert_eq!(scene.is_recent(&reply).await, recent, "{seconds_ago}");
        let auth_time = scene.session_of(&reply).await.record.auth_time;
        assert!(auth_time <= scene.now, "never in the future: {seconds_ago}");
    }
}

/// The provider's own session may be days old.
#[tokio::test]
async fn a_provider_that_does_not_say_makes_no_session_recent() {
    for unsaid in [Value::Null, json!("now"), json!(true), json!({}), json!(1e300)] {
        let scene = Scene::whole().await;
        scene.provider.lie(Lie::Claim("auth_time", unsaid.clone()));
        let reply = scene.log_in().await;
        assert_eq!(reply.status, 302, "{unsaid}");
        assert!(!scene.is_recent(&reply).await, "{unsaid}");
        assert_eq!(scene.session_of(&reply).await.record.auth_time, Timestamp::UNIX_EPOCH, "{unsaid}");
    }
}

/// Clocks differ by a minute.
#[tokio::test]
async fn whoever_was_to_be_asked_was_asked_for_this_login() {
    let scene = Scene::whole().await;
    for (seconds_ago, good) in [(0, true), (60, true), (62, false), (600, false)] {
        scene.asked(seconds_ago);
        let reply = scene.ask(&scene.visit_with_prompt().await.request()).await;
        match good {
            true => assert!(scene.is_recent(&reply).await, "{seconds_ago}"),
            false => assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "{seconds_ago}"),
        }
    }
    scene.provider.repent().lie(Lie::Claim("auth_time", Value::Null));
    let reply = scene.ask(&scene.visit_with_prompt().await.request()).await;
    assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "it does not say");
}

/// If a browser removes the request for a prompt from its attempt, it gets an ordinary session, which is not recent.
#[tokio::test]
async fn without_the_wish_an_old_answer_signs_in_and_is_old() {
    let scene = Scene::whole().await;
    scene.asked(3600);
    let mut visit = scene.visit_with_prompt().await;
    visit.attempt.prompt = false;
    let reply = scene.ask(&visit.request()).await;
    assert_eq!((reply.status, scene.is_recent(&reply).await), (302, false));
}

/// ASVS 10.2.1: an attempt begun in a session is finished in that session, or in none.
#[tokio::test]
async fn a_login_that_was_begun_in_a_session_is_not_finished_in_another() {
    let mut scene = Scene::whole().await;
    let (bob, eve) = (scene.add("bob@example.com").await, scene.add("eve@example.com").await);
    let (bobs, eves) = (scene.browser_of(&bob).await, scene.browser_of(&eve).await);
    let begun = async |scene: &Scene| {
        let Visit { attempt, query } = scene.visit().await;
        Visit { attempt: begun_in(&bobs, attempt), query }
    };
    scene.turns_away(&eves.with_cookie(begun(&scene).await.request())).await;
    scene.now += SignedDuration::from_secs(1);
    assert_eq!(scene.ask(&begun(&scene).await.request()).await.status, 302, "signed out meanwhile");
    assert_eq!(scene.ask(&bobs.with_cookie(begun(&scene).await.request())).await.status, 302);
    assert_eq!(scene.ask(&eves.with_cookie(scene.visit().await.request())).await.status, 302, "begun signed out");
}
