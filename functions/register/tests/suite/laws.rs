//! What every route must do, for the routes of this function.

use crate::support::{EMAIL, PASSWORD, Scene, proof, wanted};
use register::Register;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    let (eve, mallory) = (scene.browser("eve").await, scene.browser("mallory").await);
    let mail = scene.mailed(EMAIL).await;
    vec![
        Sound::new(wanted("bob@example.com", PASSWORD), 202, &[Origin, Json, Stores]),
        Sound::new(wanted("bob@example.com", PASSWORD).by(&eve), 202, &[Origin, Csrf, Stores]),
        Sound::new(proof(&mail), 201, &[Origin, Json, Stores]),
        Sound::new(proof(&mail).by(&mallory), 201, &[Origin, Csrf, Stores]),
    ]
}

scene::laws!(Register, async |stores, now| Scene::new(stores, now), sound);
