//! What every route must do, for the routes of this function.

use crate::{Scene, asset};
use pages::Pages;
use scene::{Request, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    let get = |path: &str, status| Sound::new(Request::get(path), status, &[]);
    let version = asset(scene, "auth.js").await;
    let file = |route: &str, name: &str| {
        Sound::new(Request::get(route).parameter("version", &version).parameter("file", name), 200, &[])
    };
    vec![
        get("/", 303),
        get("/login", 200),
        get("/register", 200),
        get("/verify", 200),
        get("/password/forgot", 200),
        get("/password/reset", 200),
        get("/account", 200),
        get("/problem", 200),
        get("/auth.js", 303),
        file("/assets/{version}/{file}", "pages.css"),
        file("/assets/{version}/texts/{file}", "pt.js"),
        get("/.well-known/change-password", 303),
        get("/.well-known/security.txt", 200),
    ]
}

scene::laws!(Pages, Scene::new, sound);
