//! `daumat rules test`: rules against their own examples, outside tables, and damaged marks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::args::TestArgs;
use super::{Exit, Failure, lang};
use crate::report::escape::for_terminal;
use crate::rules::{RuleError, RuleSet};
use crate::scan::examine::{Equipment, Settings};
use crate::scan::trial::{self, Case, Outcome, Score, Wanted, read_cases, try_cases, try_damaged, try_rules};
use crate::text::{Word, fill};

/// Runs the test that was asked for.
pub(super) fn run(args: &TestArgs, rules: RuleSet) -> Result<Exit, Failure> {
    let equipment = Equipment::new(rules, Settings::default());
    let cases = args.oracle.as_deref().map(|path| -> Result<Vec<Case>, Failure> {
        let file = path.display().to_string();
        let table = std::fs::read_to_string(path)
            .map_err(|error| RuleError::Unreadable { file: file.clone(), error })?;
        read_cases(&table).map_err(|line| Failure::new(fill(Word::OracleLine.get(lang()), &[&file, &line])))
    });
    let cases = cases.transpose()?;
    if cases.is_none() && !args.mutate {
        return examples(&equipment);
    }
    let mut table = Table::new(args);
    if let Some(cases) = &cases {
        for (class, score) in try_cases(&equipment, cases) {
            table.row(&class, score, true);
        }
    }
    if args.mutate {
        let texts = match cases.as_deref() {
            Some(cases) => trial::marked(cases),
            None => trial::examples(&equipment),
        };
        for (way, damaged) in try_damaged(&equipment, &texts) {
            table.row(way.as_str(), damaged.several, true);
            let short = fill(Word::ShortWords.get(lang()), &[&way.as_str()]);
            table.row_of(way.as_str(), &short, damaged.short, false);
            let one = fill(Word::OneWord.get(lang()), &[&way.as_str()]);
            table.row_of(way.as_str(), &one, damaged.one, false);
            table.packs.push((way.as_str(), damaged.packs));
        }
    }
    table.print()
}

fn examples(equipment: &Equipment) -> Result<Exit, Failure> {
    let outcomes = try_rules(equipment);
    let mut out = io::stdout().lock();
    let failed = outcomes.iter().filter(|outcome| !outcome.passed);
    for Outcome { rule, text, problem, .. } in failed.clone() {
        writeln!(out, "{rule}: {problem}\n    {}", for_terminal(text))?;
    }
    let told = fill(Word::ExamplesTried.get(lang()), &[&outcomes.len(), &failed.clone().count()]);
    writeln!(out, "{told}")?;
    Ok(if failed.count() == 0 { Exit::Clean } else { Exit::Failed })
}

/// Scores of classes, as they are printed.
struct Table<'a> {
    args: &'a TestArgs,
    rows: Vec<(String, Score, bool)>,
    /// Of damaged marks of several words: scores by class and pack.
    packs: Vec<(&'static str, BTreeMap<String, Score>)>,
}

impl<'a> Table<'a> {
    fn new(args: &'a TestArgs) -> Table<'a> {
        Table { args, rows: Vec::new(), packs: Vec::new() }
    }

    fn row(&mut self, class: &str, score: Score, counts: bool) {
        self.row_of(class, class, score, counts);
    }

    /// A row of a class that the user wants to see; `counts`: it is held to --at-least.
    fn row_of(&mut self, class: &str, name: &str, score: Score, counts: bool) {
        let wanted = self.args.class.is_empty() || self.args.class.iter().any(|wanted| wanted == class);
        if wanted && score.marked + score.plain > 0 {
            self.rows.push((name.to_owned(), score, counts));
        }
    }

    fn print(self) -> Result<Exit, Failure> {
        // A table of nothing would pass every threshold.
        if self.rows.is_empty() {
            return Err(Failure::new(Word::NothingTried.get(lang())));
        }
        let mut out = io::stdout().lock();
        if self.args.verbose {
            for (class, score, _) in &self.rows {
                for wrong in &score.wrong {
                    let wanted = match wrong.wanted {
                        Wanted::Nothing => "none",
                        Wanted::Any => "any",
                        Wanted::Level(level) => level.as_str(),
                    };
                    let told = fill(Word::WantedFound.get(lang()), &[&wanted, &wrong.found]);
                    let text = wrong.text.replace('\n', "⏎");
                    writeln!(out, "{class} {}: {told}\n    {}", wrong.source, for_terminal(&text))?;
                }
            }
        }
        let width = self.rows.iter().map(|(class, ..)| class.chars().count()).max().unwrap_or(0).max(8);
        let heads = [Word::ClassHead, Word::MarkedHead, Word::FoundHead, Word::RightHead, Word::RecallHead]
            .map(|word| word.get(lang()));
        let falsely = [Word::PlainHead, Word::FalselyHead].map(|word| word.get(lang()));
        let [class, marked, found, right, recall] = heads;
        let [plain, wrongly] = falsely;
        writeln!(
            out,
            "{class:<width$} {marked:>8} {found:>10} {right:>12} {recall:>9} {plain:>10} {wrongly:>10}"
        )?;
        let mut below = 0;
        for (class, score, counts) in &self.rows {
            let recall = score.recall().map_or("-".to_owned(), |percent| format!("{percent:.2} %"));
            let Score { marked, found, right, plain, falsely, .. } = score;
            writeln!(
                out,
                "{class:<width$} {marked:>8} {found:>10} {right:>12} {recall:>9} {plain:>10} {falsely:>10}"
            )?;
            let least = self.args.at_least.unwrap_or(0.0);
            let reached =
                [score.recall(), score.left_alone()].into_iter().flatten().all(|percent| percent >= least);
            below += usize::from(*counts && !reached);
        }
        self.print_packs(&mut out)?;
        if let Some(least) = self.args.at_least {
            writeln!(out, "{}", fill(Word::ClassesBelow.get(lang()), &[&least, &below]))?;
        }
        Ok(if below == 0 { Exit::Clean } else { Exit::Failed })
    }

    /// Percent by pack, a column a class.
    fn print_packs(&self, out: &mut impl Write) -> io::Result<()> {
        let shown = |class: &&(&str, BTreeMap<String, Score>)| {
            self.args.class.is_empty() || self.args.class.iter().any(|wanted| wanted == class.0)
        };
        let classes: Vec<&(&str, BTreeMap<String, Score>)> = self.packs.iter().filter(shown).collect();
        let packs: BTreeSet<&String> = classes.iter().flat_map(|(_, packs)| packs.keys()).collect();
        if packs.is_empty() {
            return Ok(());
        }
        write!(out, "\n{:<12}", Word::PackHead.get(lang()))?;
        for (class, _) in &classes {
            write!(out, " {class:>17}")?;
        }
        writeln!(out)?;
        for pack in packs {
            write!(out, "{pack:<12}")?;
            for (_, scores) in &classes {
                let told = scores.get(pack).and_then(Score::recall).map(|percent| format!("{percent:.1} %"));
                write!(out, " {:>17}", told.unwrap_or_else(|| "-".to_owned()))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
