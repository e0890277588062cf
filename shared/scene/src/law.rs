//! The laws themselves; [`laws!`](macro@crate::laws) makes tests of them.

use crate::{
    Browser, COOKIE, Guard, Logs, Reply, Request, Scene, Sound, Stores, contract::documented, each_hostile, now,
    unavailable, variables, whatever_is_asked,
};
use edge::Function;
use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use session::Token;
use std::borrow::Borrow;

/// Variables that take the nonsense of the tests for what it says.
const FREE: [&str; 3] = ["OIDC_PROVIDERS", "BRAND_NAME", "TOKEN_AUDIENCES"];

/// A moment at which a sound request was sound, and is no more.
const LATER: SignedDuration = SignedDuration::from_mins(15);

/// Longer than a session is idle.
const MUCH_LATER: SignedDuration = SignedDuration::from_hours(13);

/// How a function is asked at the present of its scene.
async fn ask<F: Function>(scene: &impl Borrow<Scene<F>>, request: &Request) -> Reply {
    scene.borrow().ask(request).await
}

/// A refusal gives no cookie of a session, and takes none away.
fn check(reply: &Reply, status: u16, slug: &str, request: &Request) {
    assert_eq!((reply.status, &*reply.problem()), (status, slug), "{request:?}: {reply:?}");
    assert_eq!((reply.cookie(COOKIE), reply.header("clear-site-data")), (None, None), "{request:?}: {reply:?}");
}

/// Twists each sound request that has this guard, and checks the answers. Nothing is changed by them.
async fn refused<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
    guard: Guard,
    twist: impl Fn(&Request) -> Vec<Request>,
    (status, slug): (u16, &str),
) {
    for stores in [Stores::start().await, Stores::without_redis().await] {
        let scene = new(stores, now()).await;
        let sound = sound(&scene).await;
        let contents = scene.borrow().stores.contents().await;
        for Sound { request, .. } in sound.iter().filter(|sound| sound.is_guarded_by(guard)) {
            for twisted in twist(request) {
                check(&ask(&scene, &twisted).await, status, slug, &twisted);
            }
        }
        assert_eq!(scene.borrow().stores.contents().await, contents);
    }
}

/// Each in a scene of its own: some end what others need.
pub async fn sound_requests_are_answered<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let (mut index, mut unasked) =
        (0, F::ROUTES.iter().map(|(method, path, _)| (method.as_str(), *path)).collect::<Vec<_>>());
    loop {
        let scene = new(Stores::start().await, now()).await;
        let Some(Sound { request, status, .. }) = sound(&scene).await.into_iter().nth(index) else { break };
        let reply = ask(&scene, &request).await;
        assert_eq!(reply.status, status, "{request:?}: {reply:?}");
        assert!(documented(request.route(), request.verb()).contains(&status), "{request:?}: {reply:?}");
        unasked.retain(|route| *route != (request.verb(), request.route()));
        index += 1;
    }
    assert_eq!(unasked, [], "each route has a sound request");
}

/// Without what is missing, and with nonsense in everything that is read.
pub async fn everything_that_is_wrong_with_the_settings_is_told_at_once<F: Function, S: Borrow<Scene<F>>>(
    _: impl AsyncFn(Stores, Timestamp) -> S,
    _: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let aws = stand::sdk_config("http://127.0.0.1:1");
    let mut environment = Environment::of::<&str, &str>([]);
    assert!(F::wire(&mut environment, &aws).is_none(), "nothing is set");
    let reads: Vec<_> = environment.reads().map(str::to_owned).collect();
    let nonsense = reads.iter().filter(|name| !FREE.contains(&name.as_str())).map(|name| (name.clone(), "hunter2\n"));
    let expected: Vec<_> = nonsense.clone().map(|(name, _)| name).collect();

    let mut environment = Environment::of(nonsense);
    let wired = F::wire(&mut environment, &aws).map(drop);
    let faults = environment.finish(wired).expect_err("everything is wrong");
    assert!(!faults.to_string().contains("hunter2"), "{faults}");
    let mut names: Vec<_> = faults.0.into_iter().map(|fault| fault.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names, expected);

    let mut environment = Environment::of(variables());
    let wired = F::wire(&mut environment, &aws).map(drop);
    assert_eq!(environment.finish(wired), Ok(()), "and these are enough");
}

/// Except the connection to Redis, if it has sessions.
pub async fn nothing_is_made_before_the_first_request<F: Function, S: Borrow<Scene<F>>>(
    _: impl AsyncFn(Stores, Timestamp) -> S,
    _: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let mut environment = Environment::of::<&str, &str>([]);
    drop(F::wire(&mut environment, &stand::sdk_config("http://127.0.0.1:1")));
    let has_sessions = environment.reads().any(|name| name == "REDIS_URL");

    let stores = Stores::start().await;
    let redis = stores.redis_proxy.as_ref().expect("a store with Redis");
    let function = stores.wired(F::wire, &[]);
    assert_eq!(redis.connections(), 0);
    if let Some(sessions) = function.sessions() {
        sessions.connect().await;
    }
    assert_eq!((redis.connections(), stores.dynamo_proxy.calls()), (usize::from(has_sessions), 0));
}

/// `GET` of a path that another method is served of, say.
pub async fn other_methods_are_405_and_change_nothing<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::start().await, now()).await;
    let sound = sound(&scene).await;
    let contents = scene.borrow().stores.contents().await;
    for Sound { request, .. } in &sound {
        let served = F::ROUTES.iter().filter(|(_, path, _)| *path == request.route());
        let served: Vec<_> = served.map(|(method, ..)| method.as_str()).collect();
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"];
        for method in all.into_iter().filter(|method| !served.contains(method)) {
            let request = request.clone().method(method);
            let reply = ask(&scene, &request).await;
            check(&reply, 405, "method-not-allowed", &request);
            assert_eq!(reply.header("allow"), Some(&*served.join(", ")));
        }
    }
    assert_eq!(scene.borrow().stores.contents().await, contents);
}

/// Where the function reads it.
pub async fn two_session_cookies_are_400<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::without_redis().await, now()).await;
    let sound = sound(&scene).await;
    let contents = scene.borrow().stores.contents().await;
    for Sound { request, .. } in sound.iter().filter(|_| F::READS_COOKIE) {
        let twice = request.clone().cookie(COOKIE, "planted").cookie(COOKIE, "planted-too");
        let logs = Logs::capture();
        check(&ask(&scene, &twice).await, 400, "duplicate-cookie", &twice);
        assert_eq!(logs.event(), json!({ "event": "denied", "reason": "duplicate-cookie" }));
    }
    assert_eq!(scene.borrow().stores.contents().await, contents);
}

/// [`Guard::Origin`].
pub async fn what_another_site_sends_is_403_and_changes_nothing<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    refused(new, sound, Guard::Origin, Request::sent_from_elsewhere, (403, "foreign-origin")).await;
}

/// [`Guard::Csrf`].
pub async fn what_lacks_the_csrf_token_is_403_and_changes_nothing<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let other = Token::generate().expect("a token").csrf();
    refused(new, sound, Guard::Csrf, |request| request.unproven(&other), (403, "csrf")).await;
}

/// [`Guard::Session`].
pub async fn without_a_live_session_it_is_401_and_the_cookie_stays<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    for stores in [Stores::start().await, Stores::without_redis().await] {
        signed_out(&new(stores, now()).await, &sound).await;
    }
}

async fn signed_out<F: Function, S: Borrow<Scene<F>>>(scene: &S, sound: &impl AsyncFn(&S) -> Vec<Sound>) {
    let guarded = async || sound(scene).await.into_iter().filter(|sound| sound.is_guarded_by(Guard::Session));
    for Sound { request, .. } in guarded().await {
        let made_up = Browser { token: Token::generate().expect("a token") };
        let malformed = request.clone().without_cookies().cookie(COOKIE, "no-token");
        for twisted in [request.clone().without_cookies(), malformed, request.clone().by(&made_up)] {
            check(&ask(scene, &twisted).await, 401, "signed-out", &twisted);
        }
        let Scene { function, now, stores } = scene.borrow();
        // Redis counts down by its own clock.
        if stores.redis.is_none() {
            check(&request.send(function, *now + MUCH_LATER).await, 401, "signed-out", &request);
        }
    }
    for Sound { request, .. } in guarded().await {
        let token = request.token().expect("a sound request has a session");
        let Scene { now, .. } = scene.borrow();
        scene.borrow().sessions().revoke(&token, *now).await.expect("an end").expect("a session");
        check(&ask(scene, &request).await, 401, "signed-out", &request);
    }
}

/// [`Guard::Recent`].
pub async fn a_credential_of_15_minutes_ago_is_403<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::start().await, now()).await;
    for Sound { request, .. } in sound(&scene).await.iter().filter(|sound| sound.is_guarded_by(Guard::Recent)) {
        let Scene { function, now, .. } = scene.borrow();
        check(&request.send(function, *now + LATER).await, 403, "reauthenticate", request);
    }
}

/// [`Guard::Json`].
pub async fn a_body_that_is_not_json_is_refused<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::without_redis().await, now()).await;
    let sound = sound(&scene).await;
    let contents = scene.borrow().stores.contents().await;
    for Sound { request, .. } in sound.iter().filter(|sound| sound.is_guarded_by(Guard::Json)) {
        for form in request.clone().in_every_type().into_iter().skip(1) {
            check(&ask(&scene, &form).await, 415, "unsupported-media-type", &form);
        }
        let long = request.clone().json(&json!({ "x": "x".repeat(16 * 1024) }));
        check(&ask(&scene, &long).await, 413, "body-too-large", &long);
        for text in ["{", "x", "7", "\"x\"", "{\"x\":1}", "{\"__proto__\":{}}"] {
            let malformed = request.clone().text(text);
            check(&ask(&scene, &malformed).await, 400, "bad-request", &malformed);
        }
    }
    assert_eq!(scene.borrow().stores.contents().await, contents);
}

/// [`Guard::Stores`].
pub async fn without_stores_it_is_503_and_the_cookie_stays<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::start().await, now()).await;
    let sound = sound(&scene).await;
    scene.borrow().stores.go_away().await;
    for Sound { request, .. } in sound.iter().filter(|sound| sound.is_guarded_by(Guard::Stores)) {
        unavailable(&ask(&scene, request).await);
    }
}

/// With the session that it was for.
pub async fn each_denial_is_one_event<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::start().await, now()).await;
    for sound in sound(&scene).await {
        let foreign =
            sound.request.sent_from_elsewhere().into_iter().next().filter(|_| sound.is_guarded_by(Guard::Origin));
        let unproven = Some(sound.request.clone().without("x-csrf-token")).filter(|_| sound.is_guarded_by(Guard::Csrf));
        for (denied, reason) in [(foreign, "foreign-origin"), (unproven, "csrf")] {
            let Some(request) = denied else { continue };
            let logs = Logs::capture();
            ask(&scene, &request).await;
            let mut expected = json!({ "event": "denied", "reason": reason });
            if let Some(token) = sound.request.token() {
                expected["session_id"] = token.id().as_str().into();
            }
            assert_eq!(logs.event(), expected, "{request:?}");
        }
    }
}

/// Without a session. Each text comes in every fifth of its places, and the routes share them.
pub async fn no_hostile_text_anywhere_gets_more_than_a_no<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let scene = new(Stores::without_redis().await, now()).await;
    let sound = sound(&scene).await;
    for (nth, Sound { request, .. }) in sound.iter().enumerate() {
        let documented = documented(request.route(), request.verb());
        for twisted in each_hostile(&request.clone().without_cookies()).into_iter().skip(nth).step_by(5 * sound.len()) {
            let reply = ask(&scene, &twisted).await;
            assert!(reply.status == 404 || documented.contains(&reply.status), "{twisted:?}: {reply:?}");
            assert!(reply.status < 500, "{twisted:?}: {reply:?}");
        }
    }
}

/// With a session and without.
pub fn no_event_gets_more_than_a_no<F: Function, S: Borrow<Scene<F>>>(
    new: impl AsyncFn(Stores, Timestamp) -> S,
    sound: impl AsyncFn(&S) -> Vec<Sound>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let scene = runtime.block_on(async { new(Stores::without_redis().await, now()).await });
    let token = runtime.block_on(sound(&scene)).iter().find_map(|sound| sound.request.token());
    let paths: Vec<_> = F::ROUTES.iter().map(|(_, path, _)| *path).collect();
    whatever_is_asked(200, Vec::leak(paths), |request| {
        let proven = token.clone().map(|token| request.clone().by(&Browser { token }));
        for request in [Some(request), proven].into_iter().flatten() {
            let reply = runtime.block_on(ask(&scene, &request));
            let documented = documented(request.route(), request.verb());
            let is_known = [404, 405].contains(&reply.status) || documented.contains(&reply.status);
            assert!(is_known && reply.status < 500, "{request:?}: {reply:?}");
        }
    });
}
