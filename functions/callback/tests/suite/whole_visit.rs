//! All functions, in the order in which a person uses them.

use crate::support::{Scene, environment, token};
use edge::Function;
use login::Login;
use logout::Logout;
use me::Me;
use oidc::Attempt;
use scene::{Browser, COOKIE, Logs, Reply, Request};
use serde_json::json;
use session_token::SessionToken;
use url::Url;
use users::{Email, NewUser, Password};

const PASSWORD: &str = "correct horse battery staple";

struct Functions {
    login: Login,
    me: Me,
    session_token: SessionToken,
    logout: Logout,
}

impl Functions {
    fn new(scene: &Scene) -> Self {
        let Scene { provider, other, .. } = scene;
        let stores = &scene.stores;
        Self {
            login: stores.wired(Login::wire, &environment(provider, other)),
            me: stores.wired(Me::wire, &[]),
            session_token: stores.wired(SessionToken::wire, &[]),
            logout: stores.wired(Logout::wire, &[]),
        }
    }
}

/// Secrets of a visit that must not appear in logs.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, reply: &Reply) {
        let values = reply.cookies.iter().filter_map(|cookie| cookie.split_once('=')?.1.split(';').next());
        self.0.extend(values.filter(|value| !value.is_empty()).map(str::to_owned));
        let body = serde_json::from_str::<serde_json::Value>(&reply.body).unwrap_or_default();
        self.0.extend(["csrf_token", "token"].iter().filter_map(|name| Some(body[name].as_str()?.to_owned())));
    }
}

/// ASVS 16.2.5, 16.3.1, 16.3.2: from the provider to a sign-out everywhere, with a password login from another device.
#[tokio::test]
async fn a_whole_visit_is_told_event_by_event_without_a_secret() {
    let scene = Scene::whole().await;
    let functions = Functions::new(&scene);
    let email = Email::parse("ana@example.com").unwrap();
    let password = Some(Password::parse(PASSWORD).unwrap());
    scene.users().add(NewUser { email, password, name: None }, scene.now).await.unwrap();
    let mut secrets = Secrets(vec![PASSWORD.to_owned()]);
    let logs = Logs::capture();

    let start = Request::get("/login/{provider}").parameter("provider", "acme").query("return_to=%2Finbox");
    let started = start.send(&functions.login, scene.now).await;
    secrets.keep(&started);
    let back = Url::parse(&scene.provider.authorize(started.header("location").unwrap())).unwrap();
    let name = started.cookies[0].split('=').next().unwrap().to_owned();
    let kept = started.cookie(&name).unwrap();
    let Attempt { state, nonce, verifier, .. } = Attempt::decode(kept).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    secrets.0.extend([state, nonce, verifier, code]);

    let request = Request::get("/callback/{provider}").parameter("provider", "acme").query(back.query().unwrap());
    let entered = scene.ask(&request.cookie(&name, kept)).await;
    assert_eq!((entered.status, entered.header("location")), (302, Some("https://app.example.com/inbox")));
    secrets.keep(&entered);
    let browser = Browser { token: token(&entered) };

    let me = browser.get("/me").send(&functions.me, scene.now).await;
    assert_eq!(me.json()["csrf_token"], browser.token.csrf());
    secrets.keep(&me);
    let minted = browser.post("/session/token").send(&functions.session_token, scene.now).await;
    assert_eq!(minted.status, 200);
    secrets.keep(&minted);

    let credentials = Request::post("/login").json(&json!({ "email": "ana@example.com", "password": PASSWORD }));
    let elsewhere = credentials.send(&functions.login, scene.now).await;
    secrets.keep(&elsewhere);
    assert_eq!(browser.post("/logout/all").send(&functions.logout, scene.now).await.status, 204);
    for token in [&browser.token, &token(&elsewhere)] {
        let reply = Browser { token: token.clone() }.get("/me").send(&functions.me, scene.now).await;
        assert_eq!((reply.status, reply.cookie(COOKIE)), (401, None));
    }
    assert_eq!(browser.post("/logout").send(&functions.logout, scene.now).await.status, 204);

    let events: Vec<_> = logs.of("audit").iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, ["login", "token_minted", "login", "logout_all", "denied", "denied", "logout"]);
    assert_eq!(logs.of("request").len(), 9);
    let text = logs.text();
    assert!(secrets.0.len() > 10);
    for secret in secrets.0.iter().chain(&scene.provider.secrets()) {
        assert!(!text.contains(secret.as_str()), "{secret} in {text}");
    }
}
