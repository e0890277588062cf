//! What every route must do, for the routes of this function.

use crate::support::Scene;
use callback::Callback;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    vec![Sound::new(scene.visit().await.request(), 302, &[Stores])]
}

scene::laws!(Callback, Scene::new, sound);
