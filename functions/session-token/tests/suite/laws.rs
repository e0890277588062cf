//! What every route must do, for the routes of this function.

use crate::support::{ROUTE, Scene, scene};
use scene::{Guard::*, Sound};
use serde_json::json;
use session_token::SessionToken;

async fn sound(scene: &Scene) -> Vec<Sound> {
    let request = scene.browser().await.post(ROUTE).json(&json!({ "audience": "api" }));
    vec![Sound::new(request, 200, &[Origin, Csrf, Session, Json, Stores])]
}

scene::laws!(SessionToken, scene, sound);
