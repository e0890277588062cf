//! What every route must do, for the routes of this function.

use crate::support::{EMAIL, NEW, PASSWORD, Scene, change, confirm, forgotten};
use password::Password;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    vec![
        Sound::new(change(&browser, PASSWORD, NEW), 200, &[Origin, Csrf, Session, Json, Stores]),
        Sound::new(forgotten(EMAIL), 202, &[Origin, Json, Stores]),
        Sound::new(forgotten(EMAIL).by(&scene.browser().await), 202, &[Origin, Csrf, Stores]),
        Sound::new(confirm(&mail, NEW), 204, &[Origin, Json, Stores]),
        Sound::new(confirm(&mail, NEW).by(&scene.browser().await), 204, &[Origin, Csrf, Stores]),
    ]
}

scene::laws!(Password, Scene::new, sound);
