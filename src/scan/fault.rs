//! Faults that tests order, to see that each costs exactly one document. Not in release builds.

use crate::walk::Entry;

/// Does what a file named `fault-….txt` orders.
pub(super) fn obey(entry: &Entry) {
    let Some((_, order)) = entry.name.rsplit('/').next().unwrap_or_default().split_once("fault-") else {
        return;
    };
    match order.trim_end_matches(".txt") {
        "abort" => std::process::abort(),
        "stack-overflow" => drop(descend(1)),
        "endless-loop" => loop {
            std::hint::spin_loop();
        },
        "allocation" => drop(std::hint::black_box(vec![1u8; 10 << 30])),
        _ => {}
    }
}

/// Recurses until the stack ends.
#[expect(unconditional_recursion, reason = "that is the fault")]
fn descend(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 256]);
    descend(depth + 1) + frame.iter().sum::<u64>()
}
