use crate::{failure::Failure, greeting::DEMO, settings::Settings, stores};
use jiff::Timestamp;

pub async fn add_demo(settings: &Settings, _now: Timestamp) -> Result<(), Failure> {
    let _ = DEMO;
    stores::dynamo(settings).await?;
    Ok(())
}
