use crate::failure::Failure;
#[derive(clap::Args)]
pub struct Options {}
pub async fn run(_options: Options, _now: jiff::Timestamp) -> Result<(), Failure> {
    Ok(())
}
