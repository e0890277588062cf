//! What every route must do, for the routes of this function.

use crate::support::{EMAIL, PASSWORD, Scene, credentials, logout, refresh};
use device::Device;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    vec![
        Sound::new(credentials(EMAIL, PASSWORD), 200, &[Origin, Json, Stores]),
        Sound::new(refresh(&scene.phone().await), 200, &[Origin, Json, Stores]),
        Sound::new(logout(&scene.phone().await), 204, &[Origin, Json, Stores]),
    ]
}

scene::laws!(Device, Scene::new, sound);
