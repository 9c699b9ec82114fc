//! `daumat review`: step through the findings of a report in the terminal, decide, and write the baseline.

mod app;
mod view;

use std::io::{self, IsTerminal as _};
use std::path::Path;

use ratatui::crossterm::event::{self, Event, KeyEventKind};

use super::args::ReviewArgs;
use super::{Exit, Failure, lang, output, report};
use crate::baseline::Baseline;
use crate::report::{display, replay};
use crate::rules::{self, Selection};
use crate::text::{Word, fill};
use app::{App, Effect, Item, Verdict};
use view::{Look, draw};

/// Runs the review.
pub(super) fn run(args: &ReviewArgs) -> Result<Exit, Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::new(Word::ReviewNoTerminal.get(lang())));
    }
    let mut baseline =
        if args.baseline.exists() { Baseline::read(&args.baseline)? } else { Baseline::default() };
    let items = items(&args.report, &baseline)?;
    let today = jiff::Zoned::now().date();
    let mut app = App::new(items, args.approver.clone().unwrap_or_default(), today);
    let known = rules::load(&Selection { packs: vec!["all".to_owned()], ..Selection::default() })?;
    let glossary = output::glossary(&known);
    let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let look = Look { lang: lang(), color, glossary: &glossary };
    // Restores the terminal when it ends, and when it panics.
    let mut terminal = ratatui::try_init()?;
    let ended = work(&mut terminal, &mut app, &look, &mut baseline, &args.baseline);
    ratatui::try_restore()?;
    ended?;
    Ok(Exit::Clean)
}

fn work(
    terminal: &mut ratatui::DefaultTerminal,
    app: &mut App,
    look: &Look<'_>,
    baseline: &mut Baseline,
    path: &Path,
) -> Result<(), Failure> {
    loop {
        terminal.draw(|frame| draw(frame, app, look))?;
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match app.key(key) {
            Effect::Nothing => {}
            Effect::Quit => return Ok(()),
            Effect::Save => {
                app.save_to(baseline);
                // A file that cannot be written must not cost the decisions: they stay in work.
                app.told = Some(match baseline.write(path) {
                    Ok(()) => {
                        app.saved();
                        fill(Word::ReviewSaved.get(look.lang), &[&path.display()])
                    }
                    Err(error) => error.to_string(),
                });
            }
        }
    }
}

/// The findings of a report, with what the baseline says of them.
fn items(path: &Path, baseline: &Baseline) -> Result<Vec<Item>, Failure> {
    let name = path.display().to_string();
    let mut lines = report::read(path)?;
    replay::read_start(&name, &mut lines)?;
    let mut items = Vec::new();
    replay::read_rest(&name, &mut lines, &mut |report| {
        for document in &report.documents {
            let content = document.blake3.clone().unwrap_or_default();
            for finding in &document.findings {
                let known = baseline.get(&content, &finding.fingerprint);
                let verdict = known.map_or_else(Verdict::default, |entry| Verdict {
                    decision: entry.decision,
                    reason: entry.reason.clone().unwrap_or_default(),
                    approver: entry.approver.clone().unwrap_or_default(),
                    expires: entry.expires,
                });
                items.push(Item {
                    address: display(&report.path, &document.members),
                    content: content.clone(),
                    finding: finding.clone(),
                    verdict,
                    changed: false,
                });
            }
        }
        Ok(())
    })?;
    Ok(items)
}
