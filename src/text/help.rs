//! Vietnamese help of the command line. The English stands in the doc comments that `clap` reads.

/// Vietnamese help by place: `verb.argument`, `verb` alone for the verb itself, `argument=value` for possible values.
pub const VIETNAMESE: &[(&str, &str)] = &[];
