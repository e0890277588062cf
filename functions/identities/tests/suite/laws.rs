//! What every route must do, for the routes of this function.

use crate::support::{LIST, Scene, removal};
use identities::Identities;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    let removal = removal(&scene.browser().await, &scene.linked().await);
    vec![
        Sound::new(scene.browser().await.get(LIST), 200, &[Session, Stores]),
        Sound::new(removal, 204, &[Origin, Csrf, Session, Recent, Stores]),
    ]
}

scene::laws!(Identities, Scene::new, sound);
