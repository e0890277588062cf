//! What every route must do, for the routes of this function.

use crate::support::Scene;
use me::Me;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    vec![Sound::new(scene.browser().await.get("/me"), 200, &[Session, Stores])]
}

scene::laws!(Me, Scene::new, sound);
