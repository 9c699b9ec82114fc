//! Everything together: threads, processes, memory and order. The only stage that knows all others.

pub mod conductor;
pub mod door;
pub mod examine;
#[cfg(feature = "fault-injection")]
mod fault;
pub mod mutate;
mod parts;
mod pool;
mod protocol;
pub mod reader;
mod sandbox;
pub mod transcript;
pub mod trial;

pub use sandbox::Given;
