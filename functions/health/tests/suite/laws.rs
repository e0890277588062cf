//! What every route must do, for the route of this function.

use health::Health;
use scene::{Request, Scene, Sound};

async fn sound(_: &Scene<Health>) -> Vec<Sound> {
    vec![Sound::new(Request::get("/health"), 200, &[])]
}

scene::laws!(Health, Scene::new, sound);
