//! How the review looks. Colour never carries meaning alone, and nothing of a document reaches the terminal unescaped.

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, List, ListItem, ListState, Paragraph, Wrap};

use super::app::{App, Field, Item, Mode, Question};
use crate::model::{Decision, Level};
use crate::report::escape::for_terminal;
use crate::report::{Glossary, place_in_words};
use crate::text::{Lang, Word, codes, fill};

/// What the view needs besides the state.
pub(super) struct Look<'a> {
    pub(super) lang: Lang,
    pub(super) color: bool,
    pub(super) glossary: &'a Glossary,
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App, look: &Look<'_>) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(3), Constraint::Length(2)])
            .areas(frame.area());
    let counts =
        fill(Word::ReviewCounts.get(look.lang), &[&app.shown.len(), &app.items.len(), &app.undecided()]);
    let unsaved = if app.has_changes() { Word::ReviewUnsaved.get(look.lang) } else { "" };
    frame.render_widget(Paragraph::new(format!("daumat review  {counts}{unsaved}")).style(bold()), head);
    let narrow = body.width < NARROW;
    // Side by side, or one above the other with no frame but a line.
    let (list, details, frames) = if narrow {
        let [list, details] =
            Layout::vertical([Constraint::Ratio(1, 3), Constraint::Ratio(2, 3)]).areas(body);
        (list, details, Borders::TOP)
    } else {
        let [list, details] =
            Layout::horizontal([Constraint::Percentage(42), Constraint::Percentage(58)]).areas(body);
        (list, details, Borders::ALL)
    };
    draw_list(frame, app, look, list, frames);
    if let Some(item) = app.current() {
        let text = details_of(item, app.masked, look);
        let block = Block::new().borders(frames).title(Word::ReviewFinding.get(look.lang));
        let inner = block.inner(details);
        if !matches!(app.mode, Mode::Help) {
            bound(&app.scroll, &text, inner);
        }
        let text = Paragraph::new(text).wrap(Wrap { trim: false }).scroll((app.scroll.get(), 0));
        frame.render_widget(text.block(block), details);
    }
    let told = match (&app.mode, &app.told) {
        (Mode::Filter, _) => format!("/{}", for_terminal(&app.filter)),
        (Mode::Leave, _) => Word::ReviewLeave.get(look.lang).to_owned(),
        (_, Some(told)) => for_terminal(told),
        _ if narrow => Word::ReviewKeysNarrow.get(look.lang).to_owned(),
        _ => Word::ReviewKeys.get(look.lang).to_owned(),
    };
    frame.render_widget(Paragraph::new(told).wrap(Wrap { trim: true }), foot);
    match &app.mode {
        Mode::Ask(question) => draw_question(frame, question, look),
        Mode::Help => draw_help(frame, app, look),
        Mode::Browse | Mode::Filter | Mode::Leave => {}
    }
}

/// Narrower than this, list and details stand one above the other.
const NARROW: u16 = 70;

/// Lines the text takes in this width, at least; words that do not fit at the end of a line may cost one more each.
fn height_of(lines: &[Line<'_>], width: u16) -> usize {
    let rows = |line: &Line<'_>| {
        let rows = line.width().div_ceil(usize::from(width).max(1)).max(1);
        if rows > 1 { rows + 1 } else { 1 }
    };
    lines.iter().map(rows).sum()
}

/// Keeps the last lines on the screen, however far was scrolled.
fn bound(scroll: &Cell<u16>, lines: &[Line<'_>], inner: Rect) {
    let most = height_of(lines, inner.width).saturating_sub(usize::from(inner.height));
    scroll.set(scroll.get().min(u16::try_from(most).unwrap_or(u16::MAX)));
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn draw_list(frame: &mut Frame<'_>, app: &App, look: &Look<'_>, area: Rect, frames: Borders) {
    let block = Block::new().borders(frames).title(Word::ReviewList.get(look.lang));
    // Only what fits is made into lines: a report may have 5,000 findings.
    let height = usize::from(block.inner(area).height).max(1);
    let first = app.at.saturating_sub(height / 2).min(app.shown.len().saturating_sub(height));
    let lines = app.shown.iter().skip(first).take(height).filter_map(|index| app.items.get(*index));
    let items: Vec<ListItem<'_>> = lines.map(|item| ListItem::new(line_of(item, look))).collect();
    let list = List::new(items)
        .block(block)
        .highlight_symbol("> ")
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = ListState::default().with_selected(Some(app.at - first.min(app.at)));
    frame.render_stateful_widget(list, area, &mut state);
}

fn line_of<'a>(item: &Item, look: &Look<'_>) -> Line<'a> {
    let sign = match item.verdict.decision {
        Decision::Undecided => ' ',
        Decision::Accepted => '+',
        Decision::FalseAlarm => '-',
        Decision::ToFix => '!',
    };
    let color = match item.finding.level {
        Level::TopSecret | Level::Secret | Level::Confidential => Color::Red,
        Level::Restricted => Color::Yellow,
        Level::Internal => Color::Cyan,
    };
    let style = if look.color { Style::new().fg(color) } else { Style::new() };
    let level =
        format!("{:>3} {:<10} ", item.finding.confidence, codes::level(item.finding.level, look.lang));
    Line::from(vec![
        Span::raw(format!("{sign} ")),
        Span::styled(level, style),
        Span::raw(for_terminal(&item.address)),
    ])
}

fn details_of<'a>(item: &Item, masked: bool, look: &Look<'_>) -> Vec<Line<'a>> {
    let lang = look.lang;
    let finding = &item.finding;
    let title = look.glossary.title(&finding.rule, &finding.title, lang).to_owned();
    let mut lines = vec![
        Line::styled(for_terminal(&item.address), bold()),
        Line::raw(""),
        Line::styled(format!("“{}”", for_terminal(&finding.matched)), bold()),
        Line::raw(format!("{} [{}]", for_terminal(&title), finding.rule)),
        Line::raw(format!(
            "{}, {} ({})",
            codes::level(finding.level, lang),
            finding.confidence,
            codes::band(finding.band(), lang)
        )),
        Line::raw(format!(
            "{}: {}",
            Word::Where.get(lang).trim(),
            for_terminal(&place_in_words(&finding.place, lang))
        )),
        Line::raw(""),
    ];
    for reason in &finding.reasons {
        let told = look.glossary.reason(&reason.code, lang);
        lines.push(Line::raw(format!("{:>+4}  {}", reason.points, for_terminal(&told))));
    }
    lines.push(Line::raw(""));
    match &finding.context {
        Some(context) => {
            let text = if masked { mask(context, &finding.matched) } else { context.clone() };
            lines.extend(text.lines().map(|line| Line::raw(for_terminal(line))));
        }
        None => lines.push(Line::raw(Word::ReviewNoContext.get(lang))),
    }
    lines.push(Line::raw(""));
    if item.content.is_empty() {
        lines.push(Line::raw(Word::ReviewUnbound.get(lang)));
    } else {
        let verdict = &item.verdict;
        lines.push(Line::styled(codes::decision(verdict.decision, lang), bold()));
        if verdict.decision != Decision::Undecided {
            let until = verdict.expires.map_or_else(String::new, |day| {
                fill(Word::DecidedUntil.get(lang), &[&lang.date(&day.to_string())])
            });
            lines.push(Line::raw(format!(
                "{}{until}: {}",
                for_terminal(&verdict.approver),
                for_terminal(&verdict.reason)
            )));
        }
    }
    lines
}

/// Covers every letter and digit but those of the marking itself.
pub(super) fn mask(context: &str, matched: &str) -> String {
    let cover = |text: &str| -> String {
        text.chars().map(|letter| if letter.is_alphanumeric() { '•' } else { letter }).collect()
    };
    if matched.is_empty() {
        return cover(context);
    }
    context.split(matched).map(cover).collect::<Vec<_>>().join(matched)
}

fn draw_question(frame: &mut Frame<'_>, question: &Question, look: &Look<'_>) {
    let lang = look.lang;
    let words = [Word::ReviewReason, Word::ReviewApprover, Word::ReviewExpires];
    let room = usize::from(popup_width(frame.area()).saturating_sub(2)) * 2;
    let mut lines = Vec::new();
    for ((field, word), text) in Field::ALL.iter().zip(words).zip(&question.texts) {
        let here = *field == question.field;
        let style = if here { bold() } else { Style::new() };
        let cursor = if here { "▏" } else { "" };
        let wrong = if question.wrong == Some(*field) { Word::ReviewWrong.get(lang) } else { "" };
        let sign = if here { '>' } else { ' ' };
        lines.push(Line::styled(
            format!("{sign} {}: {}{cursor}{wrong}", word.get(lang), end_of(&for_terminal(text), room)),
            style,
        ));
    }
    lines.push(Line::raw(""));
    lines.push(Line::raw(Word::ReviewAskKeys.get(lang)));
    let scope = if question.whole_document { Word::ReviewWholeDocument.get(lang) } else { "" };
    let title = format!("{}{scope}", codes::decision(question.decision, lang));
    popup(frame, lines, title, None);
}

/// The end of a long text, where it is being typed.
fn end_of(text: &str, letters: usize) -> String {
    let cut = text.chars().count().saturating_sub(letters);
    if cut == 0 { text.to_owned() } else { "…".chars().chain(text.chars().skip(cut + 1)).collect() }
}

fn popup_width(whole: Rect) -> u16 {
    if whole.width < NARROW { whole.width } else { whole.width / 10 * 8 }
}

fn draw_help(frame: &mut Frame<'_>, app: &App, look: &Look<'_>) {
    let lines = Word::ReviewHelp.get(look.lang).lines().map(Line::raw).collect::<Vec<_>>();
    popup(frame, lines, "daumat review".to_owned(), Some(&app.scroll));
}

fn popup(frame: &mut Frame<'_>, lines: Vec<Line<'_>>, title: String, scroll: Option<&Cell<u16>>) {
    let whole = frame.area();
    let width = popup_width(whole);
    let height = u16::try_from(height_of(&lines, width.saturating_sub(2)) + 2).unwrap_or(u16::MAX);
    let [_, row, _] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(height), Constraint::Fill(1)]).areas(whole);
    let [_, area, _] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width), Constraint::Fill(1)]).areas(row);
    let block = Block::bordered().title(title);
    let at = scroll.map_or(0, |scroll| {
        bound(scroll, &lines, block.inner(area));
        scroll.get()
    });
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).scroll((at, 0)).block(block), area);
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::super::app::tests::app;
    use super::*;

    fn screen(app: &App, lang: Lang) -> String {
        let mut terminal = Terminal::new(TestBackend::new(110, 30)).unwrap();
        let glossary = Glossary::default();
        terminal.draw(|frame| draw(frame, app, &Look { lang, color: false, glossary: &glossary })).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn the_screen_shows_place_reasons_and_covered_text() {
        let mut app = app();
        let covered = screen(&app, Lang::En);
        assert!(covered.contains("page header") && covered.contains("+90"), "{covered}");
        assert!(covered.contains("TỐI MẬT") && !covered.contains("UBND"), "{covered}");
        assert!(covered.contains("b\\u{202e}.docx"), "{covered}");
        app.masked = false;
        assert!(screen(&app, Lang::Vi).contains("UBND"));
        app.mode = Mode::Help;
        assert!(screen(&app, Lang::Vi).contains("báo nhầm"));
    }

    #[test]
    fn masking_leaves_the_marking() {
        assert_eq!(mask("số 3: MẬT, ab", "MẬT"), "•• •: MẬT, ••");
        assert_eq!(mask("ab", ""), "••");
    }
}
