//! Command line of daumat: parse, run, set the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    daumat::cli::run(std::env::args_os()).into()
}
