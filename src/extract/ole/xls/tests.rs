use super::super::super::testing::{Record, read_bytes};
use super::*;
