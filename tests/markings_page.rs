//! `docs/markings.md` is made from the packs. `DAUMAT_WRITE=1 cargo test --test markings_page` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use daumat::rules::{self, Example, RuleKind, Selection};

/// A cell of a table: no bars, no line ends, no markup.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '⏎'], " ⏎ ")
}

/// As code, whatever is in it.
fn code(text: &str) -> String {
    let text = cell(text);
    if text.contains('`') { text } else { format!("`{text}`") }
}

fn page() -> String {
    let selection = Selection { packs: vec!["all".to_owned()], ..Selection::default() };
    let rules = rules::load(&selection).unwrap();
    let mut out = String::from(
        "# Markings that are known\n\nMade from `rules/packs/*.toml` by `DAUMAT_WRITE=1 cargo test --test markings_page`; do not edit. Parts of blocks are left out. `daumat rules show RULE` tells everything about a rule.\n",
    );
    let count = rules.rules.iter().filter(|rule| rule.rule.kind != RuleKind::Part).count();
    writeln!(out, "\n{} packs, {count} rules.", rules.packs.len()).unwrap();
    for (index, pack) in rules.packs.iter().enumerate() {
        let own: Vec<_> = rules
            .rules
            .iter()
            .filter(|rule| rule.pack == index && rule.rule.kind != RuleKind::Part)
            .collect();
        if own.is_empty() {
            continue;
        }
        write!(out, "\n## {} (`{}`)\n\n", pack.title.en, pack.id).unwrap();
        if !pack.default {
            out.push_str("Off unless named by `--pack`. ");
        }
        writeln!(
            out,
            "Sources: {}.\n",
            pack.references.iter().map(|one| cell(one)).collect::<Vec<_>>().join("; ")
        )
        .unwrap();
        out.push_str("| rule | marking | level | found, for example | left alone, for example | own sources |\n|---|---|---|---|---|---|\n");
        for rule in own {
            let rule = &rule.rule;
            let level = match (rule.kind, rule.level, &rule.level_from) {
                (RuleKind::Cancel, ..) => "declassified".to_owned(),
                (_, Some(level), _) => level.to_string(),
                (_, None, Some(from)) => {
                    let levels: std::collections::BTreeSet<_> = from.map.values().collect();
                    levels.iter().rev().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
                _ => "as it says".to_owned(),
            };
            let some = |examples: &[Example]| {
                examples.iter().take(3).map(|one| code(one.text())).collect::<Vec<_>>().join("<br>")
            };
            let unverified = if rule.verified { "" } else { " (unverified, off)" };
            writeln!(
                out,
                "| `{}`{unverified} | {} | {level} | {} | {} | {} |",
                rule.id,
                cell(&rule.title.en),
                some(&rule.examples),
                some(&rule.counter_examples),
                rule.references.iter().map(|one| cell(one)).collect::<Vec<_>>().join("; ")
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn the_page_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/markings.md");
    let page = page();
    if std::env::var_os("DAUMAT_WRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/markings.md is stale: DAUMAT_WRITE=1 cargo test --test markings_page");
}

#[test]
fn every_rule_teaches_and_cites() {
    let selection = Selection { packs: vec!["all".to_owned()], ..Selection::default() };
    let rules = rules::load(&selection).unwrap();
    let mut poor = Vec::new();
    for rule in &rules.rules {
        let pack = rules.packs.get(rule.pack).unwrap();
        let cites = !rule.rule.references.is_empty() || !pack.references.is_empty();
        if rule.rule.examples.len() < 2 || rule.rule.counter_examples.len() < 2 || !cites {
            poor.push(rule.rule.id.clone());
        }
    }
    assert!(poor.is_empty(), "{poor:?}");
}
