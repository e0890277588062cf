//! What every route must do, for the routes of this function.

use crate::support::Scene;
use logout::Logout;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    vec![
        Sound::new(scene.browser().await.post("/logout"), 204, &[Origin, Csrf, Stores]),
        Sound::new(scene.browser().await.post("/logout/all"), 204, &[Origin, Csrf, Session, Stores]),
    ]
}

scene::laws!(Logout, Scene::new, sound);
