//! What the review knows, and what keys do to it. Knows nothing of terminals, so that tests can press keys.

use std::cell::Cell;
use std::collections::HashMap;

use jiff::civil::Date;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::baseline::{Baseline, Entry};
use crate::model::{Decision, Finding};

/// A finding to decide about.
pub(super) struct Item {
    /// The document: path and members.
    pub(super) address: String,
    /// Content hash of the document; empty when it cannot be bound.
    pub(super) content: String,
    pub(super) finding: Finding,
    /// What was decided, in the baseline or here.
    pub(super) verdict: Verdict,
    /// Whether that was here, and is not saved yet.
    pub(super) changed: bool,
}

/// A decision with all that belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) decision: Decision,
    pub(super) reason: String,
    pub(super) approver: String,
    pub(super) expires: Option<Date>,
}

/// The fields of the question that comes before a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Reason,
    Approver,
    Expires,
}

impl Field {
    pub(super) const ALL: [Field; 3] = [Field::Reason, Field::Approver, Field::Expires];
}

/// A decision that is being typed.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) decision: Decision,
    /// For every finding of the document.
    pub(super) whole_document: bool,
    pub(super) field: Field,
    pub(super) texts: [String; 3],
    /// The field that is not right yet.
    pub(super) wrong: Option<Field>,
}

/// What the keys mean at the moment.
#[derive(Debug, Clone)]
pub(super) enum Mode {
    Browse,
    Ask(Question),
    Filter,
    /// There are decisions that are not saved.
    Leave,
    Help,
}

/// What the terminal must do after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Save,
    Quit,
}

/// Lines that one key scrolls.
const SCROLL: u16 = 3;

/// See the module's head.
pub(super) struct App {
    pub(super) items: Vec<Item>,
    /// Indices of the items that the filter leaves, worst first.
    pub(super) shown: Vec<usize>,
    /// Position in `shown`.
    pub(super) at: usize,
    pub(super) mode: Mode,
    pub(super) filter: String,
    /// Whether the text around a marking is covered.
    pub(super) masked: bool,
    /// Whether the last save succeeded; a message for the user.
    pub(super) told: Option<String>,
    /// First line of the details, or of the help, that is shown. Drawing bounds it: only there the number of lines is known.
    pub(super) scroll: Cell<u16>,
    today: Date,
    /// What was typed last, offered again.
    last: Verdict,
}

impl App {
    pub(super) fn new(mut items: Vec<Item>, approver: String, today: Date) -> App {
        items.sort_by(|a, b| {
            let key = |item: &Item| (item.finding.band(), item.finding.level, item.finding.confidence);
            key(b).cmp(&key(a)).then_with(|| a.address.cmp(&b.address))
        });
        let last = Verdict { approver, ..Verdict::default() };
        let shown = (0..items.len()).collect();
        App {
            items,
            shown,
            at: 0,
            mode: Mode::Browse,
            filter: String::new(),
            masked: true,
            told: None,
            scroll: Cell::new(0),
            today,
            last,
        }
    }

    pub(super) fn current(&self) -> Option<&Item> {
        self.shown.get(self.at).and_then(|index| self.items.get(*index))
    }

    pub(super) fn undecided(&self) -> usize {
        self.items.iter().filter(|item| item.verdict.decision == Decision::Undecided).count()
    }

    pub(super) fn has_changes(&self) -> bool {
        self.items.iter().any(|item| item.changed)
    }

    /// One key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Effect {
        self.told = None;
        if key.modifiers.contains(KeyModifiers::CONTROL)
            && let KeyCode::Char(letter) = key.code
        {
            // Ctrl-A is no letter of a reason and no decision.
            match letter {
                'c' => return self.leave(),
                'u' => self.clear_line(),
                _ => {}
            }
            return Effect::Nothing;
        }
        let before = self.shown.get(self.at).copied();
        let effect = self.meant(key);
        if self.shown.get(self.at).copied() != before {
            self.scroll.set(0);
        }
        effect
    }

    /// Ctrl-U, as in a shell: what is being typed begins anew.
    fn clear_line(&mut self) {
        match &mut self.mode {
            Mode::Ask(question) => {
                let position = Field::ALL.iter().position(|field| *field == question.field);
                if let Some(text) = position.and_then(|at| question.texts.get_mut(at)) {
                    text.clear();
                }
            }
            Mode::Filter => {
                self.filter.clear();
                self.apply_filter();
            }
            Mode::Browse | Mode::Leave | Mode::Help => {}
        }
    }

    /// What the key means at the moment.
    fn meant(&mut self, key: KeyEvent) -> Effect {
        match std::mem::replace(&mut self.mode, Mode::Browse) {
            Mode::Browse => self.browse(key.code),
            Mode::Ask(question) => {
                self.answer(question, key.code);
                Effect::Nothing
            }
            Mode::Filter => {
                self.type_filter(key.code);
                Effect::Nothing
            }
            Mode::Leave => match key.code {
                KeyCode::Char('s') => Effect::Save,
                KeyCode::Char('q') => Effect::Quit,
                _ => Effect::Nothing,
            },
            Mode::Help => {
                match key.code {
                    KeyCode::Down | KeyCode::Right | KeyCode::PageDown | KeyCode::Char(' ') => {
                        self.roll(true)
                    }
                    KeyCode::Up | KeyCode::Left | KeyCode::PageUp => self.roll(false),
                    _ => {
                        self.scroll.set(0);
                        return Effect::Nothing;
                    }
                }
                self.mode = Mode::Help;
                Effect::Nothing
            }
        }
    }

    /// Scrolls what does not fit.
    fn roll(&self, down: bool) {
        let at = self.scroll.get();
        self.scroll.set(if down { at.saturating_add(SCROLL) } else { at.saturating_sub(SCROLL) });
    }

    fn browse(&mut self, code: KeyCode) -> Effect {
        let last = self.shown.len().saturating_sub(1);
        match code {
            KeyCode::Down | KeyCode::Char('j') => self.at = (self.at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.at = self.at.saturating_sub(1),
            KeyCode::PageDown => self.at = (self.at + 10).min(last),
            KeyCode::PageUp => self.at = self.at.saturating_sub(10),
            KeyCode::Home | KeyCode::Char('g') => self.at = 0,
            KeyCode::End | KeyCode::Char('G') => self.at = last,
            KeyCode::Char('n') => self.next_undecided(),
            KeyCode::Char('m') => self.masked = !self.masked,
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Right | KeyCode::Char(' ') => self.roll(true),
            KeyCode::Left => self.roll(false),
            KeyCode::Char('?' | 'h') => {
                self.scroll.set(0);
                self.mode = Mode::Help;
            }
            KeyCode::Char('a') => self.ask(Decision::Accepted, false),
            KeyCode::Char('A') => self.ask(Decision::Accepted, true),
            KeyCode::Char('f') => self.ask(Decision::FalseAlarm, false),
            KeyCode::Char('F') => self.ask(Decision::FalseAlarm, true),
            KeyCode::Char('t') => self.ask(Decision::ToFix, false),
            KeyCode::Char('T') => self.ask(Decision::ToFix, true),
            KeyCode::Char('u') => self.decide(false, &Verdict::default()),
            KeyCode::Char('s') => return Effect::Save,
            KeyCode::Char('q') | KeyCode::Esc => return self.leave(),
            _ => {}
        }
        Effect::Nothing
    }

    fn leave(&mut self) -> Effect {
        if self.has_changes() {
            self.mode = Mode::Leave;
            return Effect::Nothing;
        }
        Effect::Quit
    }

    /// The next undecided finding behind the current one, from the start again at the end.
    fn next_undecided(&mut self) {
        let count = self.shown.len();
        let open = |at: &usize| {
            let item = self.shown.get(*at).and_then(|index| self.items.get(*index));
            item.is_some_and(|item| item.verdict.decision == Decision::Undecided)
        };
        let next = (1..=count).map(|step| (self.at + step) % count.max(1)).find(open);
        self.at = next.unwrap_or(self.at);
    }

    fn ask(&mut self, decision: Decision, whole_document: bool) {
        let Some(item) = self.current() else { return };
        let old = if item.verdict.decision == Decision::Undecided { &self.last } else { &item.verdict };
        let expires = old.expires.map_or_else(String::new, |day| day.to_string());
        let texts = [old.reason.clone(), old.approver.clone(), expires];
        self.mode =
            Mode::Ask(Question { decision, whole_document, field: Field::Reason, texts, wrong: None });
    }

    fn answer(&mut self, mut question: Question, code: KeyCode) {
        let position = Field::ALL.iter().position(|field| *field == question.field).unwrap_or(0);
        let to =
            |position: usize| Field::ALL.get(position % Field::ALL.len()).copied().unwrap_or(Field::Reason);
        match code {
            KeyCode::Esc => return,
            KeyCode::Tab | KeyCode::Down => question.field = to(position + 1),
            KeyCode::BackTab | KeyCode::Up => question.field = to(position + Field::ALL.len() - 1),
            KeyCode::Enter => match self.verdict(&question) {
                Ok(verdict) => {
                    self.last = verdict.clone();
                    self.decide(question.whole_document, &verdict);
                    return;
                }
                Err(field) => {
                    question.wrong = Some(field);
                    question.field = field;
                }
            },
            code => {
                if let Some(text) = question.texts.get_mut(position) {
                    edit(text, code);
                }
                question.wrong = None;
            }
        }
        self.mode = Mode::Ask(question);
    }

    /// What was typed, or the field that is not right.
    fn verdict(&self, question: &Question) -> Result<Verdict, Field> {
        let [reason, approver, expires] = &question.texts;
        if reason.trim().is_empty() {
            return Err(Field::Reason);
        }
        if approver.trim().is_empty() {
            return Err(Field::Approver);
        }
        let expires = match expires.trim() {
            "" => None,
            day => Some(read_day(day).filter(|day| *day >= self.today).ok_or(Field::Expires)?),
        };
        Ok(Verdict {
            decision: question.decision,
            reason: reason.trim().to_owned(),
            approver: approver.trim().to_owned(),
            expires,
        })
    }

    /// Decides about the current finding, or all of its document. A baseline is bound to content, so this holds for every copy.
    fn decide(&mut self, whole_document: bool, verdict: &Verdict) {
        let Some(item) = self.current() else { return };
        let (content, fingerprint) = (item.content.clone(), item.finding.fingerprint.clone());
        for item in &mut self.items {
            let same = item.content == content && (whole_document || item.finding.fingerprint == fingerprint);
            if same && !item.content.is_empty() && item.verdict != *verdict {
                item.verdict = verdict.clone();
                item.changed = true;
            }
        }
        if verdict.decision != Decision::Undecided {
            self.next_undecided();
        }
    }

    fn type_filter(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter => return,
            KeyCode::Esc => self.filter.clear(),
            code => {
                edit(&mut self.filter, code);
                self.mode = Mode::Filter;
            }
        }
        if matches!(code, KeyCode::Esc) {
            self.mode = Mode::Browse;
        }
        self.apply_filter();
    }

    fn apply_filter(&mut self) {
        let wanted = self.filter.to_lowercase();
        let fits = |item: &Item| {
            item.address.to_lowercase().contains(&wanted) || item.finding.rule.contains(&wanted)
        };
        let items = self.items.iter().enumerate();
        self.shown = items.filter(|(_, item)| fits(item)).map(|(index, _)| index).collect();
        self.at = 0;
    }

    /// Puts everything into a baseline: all findings as known, those decided here as decided.
    pub(super) fn save_to(&self, baseline: &mut Baseline) {
        let today = self.today;
        let bound = self.items.iter().filter(|item| !item.content.is_empty());
        baseline.update(
            bound.map(|item| Entry::of(item.address.clone(), item.content.clone(), &item.finding, today)),
        );
        let decided: HashMap<(&str, &str), &Verdict> = (self.items.iter())
            .filter(|item| item.changed)
            .map(|item| ((item.content.as_str(), item.finding.fingerprint.as_str()), &item.verdict))
            .collect();
        let verdict =
            |entry: &Entry| decided.get(&(entry.document.as_str(), entry.finding.as_str())).copied();
        baseline.decide(
            |entry| verdict(entry).is_some(),
            |entry| {
                let Some(verdict) = verdict(entry) else { return };
                let is_decided = verdict.decision != Decision::Undecided;
                entry.decision = verdict.decision;
                entry.reason = is_decided.then(|| verdict.reason.clone());
                entry.approver = is_decided.then(|| verdict.approver.clone());
                entry.decided = is_decided.then_some(today);
                entry.expires = verdict.expires;
            },
        );
    }

    /// What [`App::save_to`] put into the baseline is on disk.
    pub(super) fn saved(&mut self) {
        self.items.iter_mut().for_each(|item| item.changed = false);
    }
}

/// A day as people write it: `2027-03-31` or `31/3/2027`.
fn read_day(text: &str) -> Option<Date> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.splitn(3, '/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Typing in a line. An input method for Vietnamese sends whole letters, or takes back a letter and sends another.
fn edit(text: &mut String, code: KeyCode) {
    match code {
        KeyCode::Char(letter) => text.push(letter),
        KeyCode::Backspace => {
            text.pop();
        }
        _ => {}
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Kind, Level, OwnedPlace, Reason};

    pub(in crate::cli::review) fn item(address: &str, confidence: u8, fingerprint: &str) -> Item {
        Item {
            address: address.to_owned(),
            content: blake3::hash(address.as_bytes()).to_hex().to_string(),
            finding: Finding {
                rule: "vn.state-secret.toi-mat".to_owned(),
                pack: "vn".to_owned(),
                title: "Stamp TỐI MẬT (secret)".to_owned(),
                level: Level::Secret,
                confidence,
                place: OwnedPlace { kind: Kind::Header, visible: true, ..OwnedPlace::default() },
                matched: "TỐI MẬT".to_owned(),
                reasons: vec![Reason { code: "own-line".to_owned(), points: i32::from(confidence) }],
                context: Some("UBND tỉnh Ví Dụ TỐI MẬT số 3".to_owned()),
                fingerprint: fingerprint.to_owned(),
                known: None,
            },
            verdict: Verdict::default(),
            changed: false,
        }
    }

    pub(in crate::cli::review) fn app() -> App {
        let items =
            vec![item("a.docx", 60, "aa"), item("b\u{202e}.docx", 90, "bb"), item("a.docx", 55, "cc")];
        App::new(items, String::new(), "2026-11-22".parse().unwrap())
    }

    fn press(app: &mut App, keys: &str) -> Effect {
        let mut effect = Effect::Nothing;
        for letter in keys.chars() {
            let code = match letter {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                '\u{1b}' => KeyCode::Esc,
                letter => KeyCode::Char(letter),
            };
            effect = app.key(KeyEvent::from(code));
        }
        effect
    }

    #[test]
    fn a_decision_needs_reason_and_approver_and_goes_to_the_next() {
        let mut app = app();
        assert_eq!(app.current().unwrap().finding.confidence, 90);
        press(&mut app, "a\n");
        assert!(matches!(&app.mode, Mode::Ask(question) if question.wrong == Some(Field::Reason)));
        press(&mut app, "đã giải mât\u{8}\u{8}\u{8}mật\n");
        assert!(matches!(&app.mode, Mode::Ask(question) if question.wrong == Some(Field::Approver)));
        press(&mut app, "Trần Thị Thử\t1/1/2026\n");
        assert!(matches!(&app.mode, Mode::Ask(question) if question.wrong == Some(Field::Expires)));
        press(&mut app, "\u{8}7\n");
        assert!(matches!(app.mode, Mode::Browse));
        let decided = app.items.iter().find(|item| item.finding.confidence == 90).unwrap();
        assert_eq!(decided.verdict.reason, "đã giải mật");
        assert_eq!(decided.verdict.expires, "2027-01-01".parse().ok());
        assert_eq!((app.undecided(), app.current().unwrap().finding.confidence), (2, 60));
        // The next one offers what was typed; a capital letter means the whole document.
        press(&mut app, "F\n");
        assert_eq!(app.undecided(), 0);
        assert_eq!(press(&mut app, "q"), Effect::Nothing);
        assert!(matches!(app.mode, Mode::Leave));
        assert_eq!(press(&mut app, "q"), Effect::Quit);
    }

    #[test]
    fn decisions_reach_the_baseline() {
        let mut app = app();
        press(&mut app, "ttested\tme\n");
        assert!(app.has_changes());
        let mut baseline = Baseline::default();
        app.save_to(&mut baseline);
        assert!(app.has_changes(), "nothing is written yet");
        app.saved();
        assert!(!app.has_changes());
        let decided: Vec<_> =
            baseline.entries().iter().map(|entry| (entry.finding.as_str(), entry.decision)).collect();
        assert_eq!(decided.len(), 3);
        assert!(decided.contains(&("bb", Decision::ToFix)) && decided.contains(&("aa", Decision::Undecided)));
        assert_eq!(press(&mut app, "q"), Effect::Quit);
    }

    #[test]
    fn copies_are_decided_together() {
        let mut app = app();
        let mut copy = item("copy of b.docx", 90, "bb");
        copy.content.clone_from(&app.current().unwrap().content);
        app.items.push(copy);
        press(&mut app, "awhy\twho\n");
        assert_eq!(app.undecided(), 2);
        press(&mut app, "gu");
        assert_eq!(app.undecided(), 4);
    }

    #[test]
    fn control_keys_are_no_letters() {
        let mut app = app();
        let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        app.key(control('u'));
        press(&mut app, "a");
        app.key(control('a'));
        assert!(matches!(&app.mode, Mode::Ask(question) if question.texts[0].is_empty()));
        press(&mut app, "wrong");
        app.key(control('u'));
        assert!(matches!(&app.mode, Mode::Ask(question) if question.texts[0].is_empty()));
        assert_eq!(app.key(control('c')), Effect::Quit);
    }

    #[test]
    fn filters_and_what_cannot_be_bound() {
        let mut app = app();
        press(&mut app, "/A.DO\n");
        assert_eq!(app.shown.len(), 2);
        press(&mut app, "/\u{1b}");
        assert_eq!(app.shown.len(), 3);
        app.items[0].content.clear();
        press(&mut app, "awhy\twho\n");
        assert_eq!(app.undecided(), 3);
        let mut none = App::new(Vec::new(), String::new(), "2026-11-22".parse().unwrap());
        press(&mut none, "jknaG/x\n");
        assert_eq!(press(&mut none, "q"), Effect::Quit);
    }
}
