//! What every route must do, for the routes of this function.

use crate::support::{EMAIL, PASSWORD, Scene, credentials, start};
use login::Login;
use scene::{Guard::*, Sound};

async fn sound(scene: &Scene) -> Vec<Sound> {
    let link = scene.sign_in().await.post("/login/{provider}").parameter("provider", "acme");
    vec![
        Sound::new(credentials(EMAIL, PASSWORD), 200, &[Origin, Json, Stores]),
        Sound::new(credentials(EMAIL, PASSWORD).by(&scene.sign_in().await), 200, &[Origin, Csrf, Stores]),
        Sound::new(start(), 302, &[]),
        Sound::new(link, 200, &[Origin, Csrf, Session, Recent, Stores]),
    ]
}

scene::laws!(Login, Scene::new, sound);
