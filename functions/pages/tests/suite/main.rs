//! The pages, asked for with real events.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod assets;
mod languages;
mod laws;
mod visits;

use jiff::Timestamp;
use pages::Pages;
use scene::{PUBLIC_URL, Reply, Request, Stores};

/// The function with these settings, which asks no store.
struct Scene {
    scene: scene::Scene<Pages>,
}

scene::wraps!(Scene: Pages);

/// All that can be set.
const BRAND: [(&str, &str); 7] = [
    ("BRAND_NAME", "Acme"),
    ("BRAND_COLOR", "#be123c"),
    ("TERMS_URL", "https://example.com/terms"),
    ("SUPPORT_EMAIL", "help@example.com"),
    ("OIDC_PROVIDERS", "google,acme-id"),
    ("OIDC_ACME_ID_LABEL", "Acme ID"),
    ("BRAND_LOGO_URL", "https://cdn.example.com/logo.svg"),
];

/// On a developer's machine.
const START: &str = r#"{"email":"demo@example.com","password":"open sesame","mails":"http://localhost:9002"}"#;
const LOCAL: [(&str, &str); 3] =
    [("PUBLIC_URL", "http://localhost:9000"), ("START_PAGE", START), ("OIDC_PROVIDERS", "local")];

impl Scene {
    async fn new(stores: Stores, now: Timestamp) -> Self {
        Self::with(stores, &BRAND, now)
    }

    fn with(stores: Stores, variables: &[(&str, &str)], now: Timestamp) -> Self {
        let more: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { scene: scene::Scene::with(stores, &more, now) }
    }

    /// With these variables, at a moment that snapshots can hold.
    async fn fixed(variables: &[(&str, &str)]) -> Self {
        Self::with(Stores::without_redis().await, variables, scene::then())
    }

    async fn get(&self, path: &str, query: &str) -> Reply {
        self.ask(&Request::get(path).query(query)).await
    }
}

/// The version of the files, from where `/auth.js` leads.
async fn asset(scene: &Scene, name: &str) -> String {
    let reply = scene.get("/auth.js", "").await;
    let location = reply.header("location").unwrap().to_owned();
    let path = location.strip_prefix(PUBLIC_URL).and_then(|path| path.strip_prefix("/assets/"));
    path.and_then(|path| path.strip_suffix(&format!("/{name}"))).unwrap().to_owned()
}
