//! Style sheets inside a page: which classes, ids and elements are hidden, red or framed, and the strings that a
//! browser writes itself (`content:`).
//!
//! Only selectors of one part count (`.stamp`, `#old`, `p.note`, `del`): what a combination of them means depends on
//! the tree, which is not built here. Rules for print and for other media are left out.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem;

use super::style::Look;

/// Rules that are kept. Sheets inside pages with more are generated ones, whose rules repeat.
const MAX_RULES: usize = 4_000;

/// What a rule that matters holds: it hides, writes, or paints red.
static TELLING: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = [
        "display",
        "visib",
        "collapse",
        "opacity:",
        "size:0",
        "size: 0",
        "indent:",
        "left:-",
        "left: -",
        "top:-",
        "top: -",
        "clip",
        ".vn",
        "vni-",
        "content:",
        "color:red",
        "color: red",
        "color:#b",
        "color: #b",
        "color:#c",
        "color: #c",
        "color:#d",
        "color: #d",
        "color:#e",
        "color: #e",
        "color:#f",
        "color: #f",
        "color:rgb",
        "color: rgb",
        "crimson",
        "firebrick",
        "darkred",
        "line-through",
    ];
    // Hits are frequent, so skipping ahead to rare letters would only cost.
    let kind = Some(AhoCorasickKind::DFA);
    let searcher =
        AhoCorasick::builder().ascii_case_insensitive(true).prefilter(false).kind(kind).build(words);
    #[expect(clippy::expect_used, reason = "fixed words, built by every test")]
    searcher.expect("thirty short words make an automaton")
});

/// Names that a sheet speaks of, as a set that may say yes wrongly and costs next to nothing to ask.
#[derive(Debug, Default)]
struct Names([u64; 4]);

impl Names {
    fn place(name: &str) -> (usize, u64) {
        let bytes = name.as_bytes();
        let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or_default());
        let middle = byte(bytes.len() / 2);
        let sum =
            byte(0) * 31 + byte(bytes.len().saturating_sub(1)) * 17 + middle * 7 + (bytes.len() as u32) * 5;
        ((sum >> 6 & 3) as usize, 1 << (sum & 63))
    }

    fn add(&mut self, name: &str) {
        let (at, bit) = Names::place(name);
        if let Some(word) = self.0.get_mut(at) {
            *word |= bit;
        }
    }

    fn may_have(&self, name: &str) -> bool {
        let (at, bit) = Names::place(name);
        self.0.get(at).is_some_and(|word| word & bit != 0)
    }
}

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    names: Names,
    classes: HashMap<Box<str>, Vec<Rule>>,
    ids: HashMap<Box<str>, Vec<Rule>>,
    elements: HashMap<Box<str>, Look>,
    rules: usize,
}

#[derive(Debug)]
struct Rule {
    /// The element it is for; empty for any.
    element: Box<str>,
    look: Look,
}

impl Sheet {
    /// Whether no rule matters.
    pub(super) fn is_empty(&self) -> bool {
        self.rules == 0
    }

    /// Reads a sheet; gives the strings that it writes, decoded.
    pub(super) fn read(&mut self, source: &str, content: &mut Vec<String>) {
        // Of most rules nothing matters, and looking for what does is quicker than reading them.
        let source = without_comments(source);
        let mut telling = TELLING.find_iter(source.as_bytes()).map(|hit| hit.end()).peekable();
        let mut at = 0;
        while telling.peek().is_some()
            && let Some(length) =
                source.as_bytes().get(at..).and_then(|rest| memchr::memchr2(b'{', b'}', rest))
        {
            let brace = at + length;
            let selectors = source.get(at..brace).unwrap_or_default();
            at = brace + 1;
            if source.as_bytes().get(brace) == Some(&b'}') {
                // The end of an at-rule around the rules before.
                continue;
            }
            let selectors = selectors.rsplit(';').next().unwrap_or_default().trim();
            let rest = source.get(at..).unwrap_or_default();
            if let Some(at_rule) = selectors.strip_prefix('@') {
                // Rules inside are read on as if they stood alone, or skipped.
                let at_rule = at_rule.to_ascii_lowercase();
                let counts = at_rule.starts_with("supports")
                    || at_rule.starts_with("layer")
                    || (at_rule.starts_with("media")
                        && ["screen", "all", "min-width"].iter().any(|word| at_rule.contains(word))
                        && !at_rule.contains("max-width"));
                if !counts {
                    at = source.len() - behind_block(rest).len();
                    while telling.next_if(|hit| *hit <= at).is_some() {}
                }
                continue;
            }
            let length = memchr::memchr(b'}', rest.as_bytes()).unwrap_or(rest.len());
            let end = at + length;
            while telling.next_if(|hit| *hit <= at).is_some() {}
            if telling.peek().is_some_and(|hit| *hit <= end) {
                let declarations = rest.get(..length).unwrap_or_default();
                if let Some(text) = content_of(declarations) {
                    content.push(text);
                }
                self.rule(selectors, declarations);
            }
            at = end + 1;
        }
    }

    fn rule(&mut self, selectors: &str, declarations: &str) {
        for selector in selectors.split(',').map(str::trim) {
            if self.rules >= MAX_RULES {
                return;
            }
            let part_end = selector.find(['.', '#']).unwrap_or(selector.len());
            let (element, rest) = selector.split_at(part_end);
            let name = rest.get(1..).unwrap_or_default();
            let simple = |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            if !simple(element) || !simple(name) || (name.is_empty() && element.is_empty()) {
                continue;
            }
            let element = element.to_ascii_lowercase();
            // What says nothing is kept only where it takes back what a rule before said.
            let mut own = Look::default();
            own.read_sheet(declarations);
            let map = match rest.as_bytes().first() {
                None => {
                    // A frame around every cell is a table.
                    own.framed = false;
                    if own.counts() || self.elements.contains_key(&*element) {
                        self.names.add(&element);
                        self.elements.entry(element.into()).or_default().take(&own);
                        self.rules += 1;
                    }
                    continue;
                }
                Some(b'.') => &mut self.classes,
                Some(_) => &mut self.ids,
            };
            if !own.counts() && !map.contains_key(name) {
                continue;
            }
            self.names.add(name);
            let rules = map.entry(name.into()).or_default();
            let at = match rules.iter().position(|rule| *rule.element == *element) {
                Some(at) => at,
                None => {
                    rules.push(Rule { element: element.into(), look: Look::default() });
                    rules.len() - 1
                }
            };
            if let Some(rule) = rules.get_mut(at) {
                rule.look.take(&own);
                self.rules += 1;
            }
        }
    }

    /// What the sheet says of an element; `None` when it says nothing.
    pub(super) fn look(&self, element: &[u8], classes: &str, id: &str) -> Option<Look> {
        let mut look = None;
        let mut take = |over: &Look| look.get_or_insert_with(Look::default).take(over);
        if !self.elements.is_empty()
            && let Ok(name) = std::str::from_utf8(element)
            && self.names.may_have(name)
            && let Some(of_element) = self.elements.get(name)
        {
            take(of_element);
        }
        let fits = |rule: &&Rule| rule.element.is_empty() || rule.element.as_bytes() == element;
        if !self.classes.is_empty() {
            for class in classes.split_ascii_whitespace().filter(|class| self.names.may_have(class)) {
                self.classes.get(class).into_iter().flatten().filter(fits).for_each(|rule| take(&rule.look));
            }
        }
        let id = id.trim();
        if !id.is_empty() && self.names.may_have(id) {
            self.ids.get(id).into_iter().flatten().filter(fits).for_each(|rule| take(&rule.look));
        }
        look
    }
}

fn without_comments(source: &str) -> Cow<'_, str> {
    if memmem::find(source.as_bytes(), b"/*").is_none() {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = memmem::find(rest.as_bytes(), b"/*") {
        out.push_str(rest.get(..start).unwrap_or_default());
        let after = rest.get(start + 2..).unwrap_or_default();
        rest = memmem::find(after.as_bytes(), b"*/").and_then(|end| after.get(end + 2..)).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What follows the block whose `{` was read.
fn behind_block(rest: &str) -> &str {
    let mut depth = 1usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return rest.get(at + 1..).unwrap_or_default();
                }
            }
            _ => {}
        }
    }
    ""
}

/// The strings of `content:`, joined, with their escapes decoded (CSS Syntax Level 3, 4.3.7).
fn content_of(declarations: &str) -> Option<String> {
    let value = declarations.split(';').find_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        property.trim().eq_ignore_ascii_case("content").then_some(value)
    })?;
    let mut out = String::new();
    let mut quote = None;
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (None, _) => {}
            (Some(open), _) if letter == open => quote = None,
            (Some(_), '\\') => {
                let mut code = 0u32;
                let mut digits = 0;
                while digits < 6
                    && let Some(digit) = letters.peek().and_then(|c| c.to_digit(16))
                {
                    code = code * 16 + digit;
                    digits += 1;
                    letters.next();
                }
                if digits == 0 {
                    out.extend(letters.next());
                } else {
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    letters.next_if(|c| c.is_ascii_whitespace());
                }
            }
            (Some(_), letter) => out.push(letter),
        }
    }
    // Icon fonts write one private letter.
    out.chars().filter(|c| c.is_alphabetic()).nth(1).map(|_| out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_selectors_decide() {
        let mut sheet = Sheet::default();
        let mut content = Vec::new();
        sheet.read(
            "@import 'x.css'; .a, #b , p.c{display:none} /* .d{display:none} */ .e .f{display:none} .g:hover{display:none}
             @media print { .h{display:none} .i{display:none} } @media screen { .j{visibility:hidden} }
             .k{display:none} .k{display:block} del{display:none} .stamp{color:red;border:1px solid red}
             .w{color:#fff} .v{color:#fff;background:#FFFFFF} .x::before{content:\"T\\1ED0 I \" 'M\\001EACT'}",
            &mut content,
        );
        let hidden = |element: &str, class: &str, id: &str| {
            sheet.look(element.as_bytes(), class, id).is_some_and(|look| look.hidden.is_some())
        };
        for (element, class, id) in [
            ("div", "x a", ""),
            ("i", "", "b"),
            ("p", "c", ""),
            ("i", "j", ""),
            ("del", "", ""),
            ("i", "v", ""),
        ] {
            assert!(hidden(element, class, id), "{element} .{class} #{id}");
        }
        for (element, class, id) in [("div", "c", ""), ("i", "d e f g h i k w", ""), ("p", "", "a")] {
            assert!(!hidden(element, class, id), "{element} .{class} #{id}");
        }
        let stamp = sheet.look(b"div", "stamp", "").unwrap();
        assert!(stamp.framed && stamp.color.is_some());
        assert_eq!(content, ["TỐI MẬT"]);
    }

    #[test]
    fn broken_sheets_end() {
        for source in ["a{", "}}}{{{", "@media x{a{display:none}", "@", "/*", ".a{content:\"\\", "a{b:c}d"] {
            Sheet::default().read(source, &mut Vec::new());
        }
    }
}
