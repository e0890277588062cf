//! What every route must do, for the route of this function.

use jwks::Jwks;
use scene::{Guard::Stores, Request, Scene, Sound};

async fn sound(_: &Scene<Jwks>) -> Vec<Sound> {
    vec![Sound::new(Request::get("/.well-known/jwks.json"), 200, &[Stores])]
}

scene::laws!(Jwks, Scene::new, sound);
