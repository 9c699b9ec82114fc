//! The conductor: knows all stages, threads, memory and order.

pub mod door;
pub mod transcript;
