//! A provider's identity is added to the account of the signed-in user. ASVS 6.8.1, 10.2.1, 2.3.3.

use crate::support::{Scene, Visit, receipt};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::SignedDuration;
use oidc::Attempt;
use scene::{Browser, COOKIE, Calls, Fault, Lie, Logs, Reply, Request};
use serde_json::{Value, json};
use session::{Slide, Token};
use std::collections::BTreeMap;

impl Scene {
    /// A browser in which this user is signed in.
    pub async fn browser_of(&self, user_id: &str) -> Browser {
        Browser::sign_in(&self.stores, &self.sessions(), user_id, self.now).await
    }

    /// A visit to the provider in order to link its identity to the account that is signed in there.
    pub async fn linking_visit(&self, browser: &Browser) -> Visit {
        let Visit { attempt, query } = self.visit().await;
        Visit { attempt: begun_in(browser, Attempt { link: true, ..attempt }), query }
    }

    /// A browser in which this user is signed in, and its visit to the provider in order to link.
    pub async fn linking(&self, user_id: &str) -> (Browser, Visit) {
        let browser = self.browser_of(user_id).await;
        let visit = self.linking_visit(&browser).await;
        (browser, visit)
    }

    /// Sends a request that must be refused before the provider is asked and before anything is written.
    pub async fn turns_away(&self, request: &Request) -> Reply {
        let (contents, calls) = (self.written().await, self.provider.calls());
        let reply = self.ask(request).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-expired"), "{request:?}");
        assert_eq!((reply.cookies.len(), reply.cookie(COOKIE)), (1, None), "the attempt is spent, no more: {reply:?}");
        assert_eq!(self.written().await, contents, "something is written: {request:?}");
        assert_eq!(self.provider.calls(), calls, "the provider is asked: {request:?}");
        reply
    }

    /// Everything except hot copies: that of a dead session is buried.
    async fn written(&self) -> BTreeMap<String, Value> {
        let mut contents = self.stores.contents().await;
        contents.retain(|key, _| !key.starts_with("session:"));
        contents
    }

    pub async fn owner(&self) -> Option<Value> {
        let key = format!("oidc#{}#ana", self.provider.issuer());
        Some(self.stores.row("user_identities", ("identity", &key)).await?["user_id"].clone())
    }

    async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, self.now).await.expect("stores").is_some()
    }
}

/// The attempt with the mark of a browser's session.
pub fn begun_in(browser: &Browser, attempt: Attempt) -> Attempt {
    attempt.marked(|bytes| browser.token.mark(Attempt::PURPOSE, bytes))
}

/// No new session, and the cookie is unchanged: the person has not signed in.
#[tokio::test]
async fn it_is_added_and_the_session_stays() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let browser = scene.browser_of(&bob).await;
    let visit = scene.linking_visit(&browser).await;
    let sessions = scene.count("sessions").await;
    let reply = scene.ask(&browser.with_cookie(visit.request())).await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://app.example.com/inbox")));
    assert_eq!((reply.cookies.len(), receipt(&reply, &visit).is_some()), (1, true), "{reply:?}");
    assert_eq!((scene.owner().await, scene.count("sessions").await), (Some(json!(bob)), sessions));
    assert!(scene.lives(&browser.token).await);
    assert_eq!(scene.stores.stored_account(&bob).await.email.as_deref(), Some("bob@example.com"));
    let row = scene.stores.contents().await["test-user_identities"].to_string();
    assert!(row.contains(r#""provider":"acme""#) && row.contains(r#""email":"ana@example.com""#), "{row}");
    assert_eq!(scene.user_of(&scene.log_in().await).await, bob, "and lets them in from now on");
}

/// A page that is loaded twice, or a person who has forgotten.
#[tokio::test]
async fn what_is_theirs_already_is_fine() {
    let scene = Scene::whole().await;
    let ana = scene.user_of(&scene.log_in().await).await;
    let (browser, visit) = scene.linking(&ana).await;
    let kept = scene.kept().await;
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.status, 302);
    assert_eq!(scene.kept().await, kept);
}

#[tokio::test]
async fn what_is_somebody_elses_is_409() {
    let scene = Scene::whole().await;
    let ana = scene.user_of(&scene.log_in().await).await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    let kept = scene.kept().await;
    let logs = Logs::capture();
    let reply = scene.ask(&browser.with_cookie(visit.request())).await;
    assert_eq!((reply.status, &*reply.problem(), reply.cookie(COOKIE)), (409, "account-exists", None));
    let expected = json!({
        "event": "login_failed", "auth_method": "oidc:acme", "reason": "account-exists", "user_id": bob, "detail": "link",
    });
    assert_eq!(logs.event(), expected);
    assert_eq!((scene.owner().await, scene.kept().await), (Some(json!(ana)), kept));
}

/// ASVS 10.2.1: tokens and logs contain ids, which prove nothing. The mark is that of the session that began the
/// attempt.
#[tokio::test]
async fn an_attempt_adds_nothing_but_in_the_session_that_began_it() {
    let scene = Scene::whole().await;
    let (bob, eve) = (scene.add("bob@example.com").await, scene.add("eve@example.com").await);
    let (browser, visit) = scene.linking(&bob).await;
    // Planted on Bob: begun by Eve in her own session, for her own account at the provider.
    let (_, planted) = scene.linking(&eve).await;
    let mut unmarked = visit.clone();
    unmarked.attempt.mark = None;
    let mut guessed = visit.clone();
    guessed.attempt.mark = Some(browser.token.id().to_string());
    let mut csrf = visit.clone();
    csrf.attempt.mark = Some(browser.token.csrf());
    for forged in [&planted, &unmarked, &guessed, &csrf] {
        scene.turns_away(&browser.with_cookie(forged.request())).await;
        scene.turns_away(&forged.request()).await;
    }
    for other in [scene.browser_of(&eve).await, scene.browser_of(&bob).await] {
        scene.turns_away(&other.with_cookie(visit.request())).await;
        assert!(scene.lives(&other.token).await);
    }
    assert_eq!(scene.owner().await, None);
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.status, 302, "and its own it does");
}

/// Any change that a browser makes in its own attempt, such as a time or an address.
#[tokio::test]
async fn an_edited_attempt_is_finished_by_no_session() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    let edited = |edit: fn(&mut Attempt)| {
        let mut visit = visit.clone();
        edit(&mut visit.attempt);
        browser.with_cookie(visit.request())
    };
    scene.turns_away(&edited(|attempt| attempt.started_at += SignedDuration::from_secs(1))).await;
    scene.turns_away(&edited(|attempt| attempt.return_to.push('x'))).await;
    scene.turns_away(&edited(|attempt| attempt.nonce.push('x'))).await;
    scene.turns_away(&edited(|attempt| attempt.link = false)).await;
    scene.turns_away(&edited(|attempt| attempt.prompt = true)).await;
    assert_eq!(scene.owner().await, None);
}

/// The previous version gave browsers the user's id, and no mark.
#[tokio::test]
async fn an_attempt_of_the_version_before_that_links_is_expired() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    let mut old = serde_json::to_value(&visit.attempt).unwrap();
    old["link"] = json!(bob);
    old.as_object_mut().unwrap().remove("mark");
    let value = BASE64URL.encode(old.to_string());
    scene.turns_away(&browser.with_cookie(visit.without_cookie().cookie(&visit.cookie_name(), &value))).await;
}

#[tokio::test]
async fn whoever_signed_out_meanwhile_gets_nothing() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.turns_away(&browser.with_cookie(visit.request())).await;
    scene.turns_away(&visit.request()).await;
    scene.turns_away(&visit.request().cookie(COOKIE, "no-token")).await;
    scene.turns_away(&visit.request().cookie(COOKIE, &Token::generate().unwrap().expose())).await;
}

/// ASVS 7.5.1: by our clock at the end, whatever time the attempt states.
#[tokio::test]
async fn a_session_that_is_no_longer_recent_adds_nothing() {
    for (age, minutes_there, good) in [(14, 0, true), (5, 9, true), (14, 1, false), (15, 0, false), (600, 0, false)] {
        let mut scene = Scene::whole().await;
        let bob = scene.add("bob@example.com").await;
        let browser = scene.browser_of(&bob).await;
        scene.now += SignedDuration::from_mins(age);
        scene.provider.set_clock(scene.now);
        let visit = scene.linking_visit(&browser).await;
        scene.now += SignedDuration::from_mins(minutes_there);
        scene.provider.set_clock(scene.now);
        let request = browser.with_cookie(visit.request());
        match good {
            true => assert_eq!(scene.ask(&request).await.status, 302, "{age}, {minutes_there}"),
            false => drop(scene.turns_away(&request).await),
        }
    }
}

/// ASVS 10.2.1: the checks of every login are made here too.
#[tokio::test]
async fn the_rules_of_a_login_hold_for_it() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let browser = scene.browser_of(&bob).await;
    let Visit { attempt, query } = scene.linking_visit(&browser).await;
    let elsewhere = Attempt { return_to: "https://evil.example/".to_owned(), ..attempt };
    let elsewhere = Visit { attempt: begun_in(&browser, elsewhere), query };
    assert_eq!(scene.ask(&browser.with_cookie(elsewhere.request())).await.problem(), "bad-request");

    let visit = scene.linking_visit(&browser).await;
    assert_eq!(scene.ask(&browser.with_cookie(visit.without("code").request())).await.problem(), "login-refused");
    scene.turns_away(&browser.with_cookie(visit.request().fill("other"))).await;
    let mut other = visit.clone();
    other.attempt.state = "x".repeat(43);
    let renamed = other.without_cookie().cookie(&visit.cookie_name(), &other.attempt.encode());
    scene.turns_away(&browser.with_cookie(renamed)).await;

    scene.provider.lie(Lie::Claim("nonce", json!("of another login")));
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.problem(), "login-refused");
    assert_eq!(scene.owner().await, None);
    scene.provider.repent();

    let visit = scene.linking_visit(&browser).await;
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.status, 302);
    let again = scene.ask(&browser.with_cookie(visit.request())).await;
    assert_eq!((again.status, &*again.problem()), (400, "login-refused"), "once");
}

#[tokio::test]
async fn a_disabled_account_gets_no_way_in() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    // Disabled, with a session that has not ended yet.
    scene.stores.change("users", ("user_id", &bob), |row| row["status"] = json!("disabled")).await;
    let reply = scene.ask(&browser.with_cookie(visit.request())).await;
    assert_eq!((reply.status, &*reply.problem(), scene.owner().await), (400, "login-refused", None));
}

/// ASVS 16.3.1.
#[tokio::test]
async fn it_is_one_event() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let browser = scene.browser_of(&bob).await;
    for detail in ["linked", "known"] {
        let visit = scene.linking_visit(&browser).await;
        let logs = Logs::capture();
        scene.ask(&browser.with_cookie(visit.request())).await;
        let expected = json!({
            "event": "identity_linked", "user_id": bob, "session_id": browser.token.id().as_str(),
            "auth_method": "oidc:acme", "detail": detail,
        });
        assert_eq!(logs.event(), expected);
    }
}

/// ASVS 16.3.1: the event names the purpose, but nothing that the browser may have made up.
#[tokio::test]
async fn a_refusal_is_one_event_that_says_what_was_wanted() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (_, visit) = scene.linking(&bob).await;
    let logs = Logs::capture();
    scene.ask(&visit.request()).await;
    let expected =
        json!({ "event": "login_failed", "auth_method": "oidc:acme", "reason": "login-expired", "detail": "link" });
    assert_eq!(logs.event(), expected);
}

/// ASVS 16.5.2: it is unknown whether the user is signed in, so the code is not spent either.
#[tokio::test]
async fn a_store_that_fails_is_503_before_the_code_is_spent() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    scene.stores.flush_redis().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.problem(), "unavailable");
    assert_eq!(scene.provider.calls(), Calls { discovery: 1, ..Calls::default() }, "asked at the start only");
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask(&browser.with_cookie(visit.request())).await.status, 302, "a browser that kept it comes back");
}
