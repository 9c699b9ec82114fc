//! Command line of daumat: parse, run, set the exit code.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(2);
    let Some(path) = args.next() else { return ExitCode::from(2) };
    let Ok(file) = std::fs::File::open(&path) else { return ExitCode::from(2) };
    let budget = daumat::extract::limits::Budget::new(Default::default());
    let name = daumat::model::show_path(&path);
    let Ok(mut input) = daumat::extract::Input::from_file(&name, &file, &budget) else {
        return ExitCode::from(2);
    };
    let mut out = std::io::stdout().lock();
    let mut transcript = daumat::scan::transcript::Transcript::new(|line| {
        let _ = serde_json::to_writer(&mut out, &line);
        let _ = out.write_all(b"\n");
    });
    daumat::scan::door::read_document(&mut input, &name, &mut transcript);
    ExitCode::SUCCESS
}
