//! Follows the streams of the tables as Lambda does, for platforms without it.

mod error;
mod record;
mod shards;
mod stream;

pub use error::Error;
pub use stream::{Batch, Places, Start, Stream};
