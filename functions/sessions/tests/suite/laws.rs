//! What every route must do, for the routes of this function.

use crate::support::{ALL, Scene, end, end_others};
use scene::{Guard::*, Sound};
use sessions::Listing;

async fn sound(scene: &Scene) -> Vec<Sound> {
    let (browser, other) = (scene.browser().await, scene.browser().await);
    let ending = &[Origin, Csrf, Session, Recent, Stores];
    vec![
        Sound::new(browser.get(ALL), 200, &[Session, Stores]),
        Sound::new(end(&scene.browser().await, other.token.id().as_str()), 204, ending),
        Sound::new(end_others(&scene.browser().await), 204, ending),
    ]
}

scene::laws!(Listing, Scene::new, sound);
