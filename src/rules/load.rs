//! Where packs come from: embedded, or the user's files; which of them run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::compile::RuleSet;
use super::pack::{Example, Pack, Rule, RuleKind, Scope};
use super::repair::LONGEST_SLIP;
use super::{KeywordKey, Keywords};

/// The packs in the binary, as file name and text.
static EMBEDDED: &[(&str, &str)] = &[
    ("vn.toml", include_str!("../../rules/packs/vn.toml")),
    ("us.toml", include_str!("../../rules/packs/us.toml")),
    ("nato.toml", include_str!("../../rules/packs/nato.toml")),
    ("eu.toml", include_str!("../../rules/packs/eu.toml")),
    ("uk.toml", include_str!("../../rules/packs/uk.toml")),
    ("au.toml", include_str!("../../rules/packs/au.toml")),
    ("ca.toml", include_str!("../../rules/packs/ca.toml")),
    ("nz.toml", include_str!("../../rules/packs/nz.toml")),
    ("fr.toml", include_str!("../../rules/packs/fr.toml")),
    ("de.toml", include_str!("../../rules/packs/de.toml")),
    ("it.toml", include_str!("../../rules/packs/it.toml")),
    ("es.toml", include_str!("../../rules/packs/es.toml")),
    ("pt.toml", include_str!("../../rules/packs/pt.toml")),
    ("pl.toml", include_str!("../../rules/packs/pl.toml")),
    ("nl.toml", include_str!("../../rules/packs/nl.toml")),
    ("nordic.toml", include_str!("../../rules/packs/nordic.toml")),
    ("eu-states.toml", include_str!("../../rules/packs/eu-states.toml")),
    ("ru.toml", include_str!("../../rules/packs/ru.toml")),
    ("ua.toml", include_str!("../../rules/packs/ua.toml")),
    ("cn.toml", include_str!("../../rules/packs/cn.toml")),
    ("tw.toml", include_str!("../../rules/packs/tw.toml")),
    ("jp.toml", include_str!("../../rules/packs/jp.toml")),
    ("kr.toml", include_str!("../../rules/packs/kr.toml")),
    ("in.toml", include_str!("../../rules/packs/in.toml")),
    ("il.toml", include_str!("../../rules/packs/il.toml")),
    ("id.toml", include_str!("../../rules/packs/id.toml")),
    ("th.toml", include_str!("../../rules/packs/th.toml")),
    ("tlp.toml", include_str!("../../rules/packs/tlp.toml")),
    ("company.toml", include_str!("../../rules/packs/company.toml")),
    ("labels.toml", include_str!("../../rules/packs/labels.toml")),
    ("generic.toml", include_str!("../../rules/packs/generic.toml")),
];

/// What the user chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Packs by id; empty: every pack that is on by default; `all`: every pack.
    pub packs: Vec<String>,
    /// Own packs: files, or folders of `*.toml`. They come on top of the embedded ones.
    pub paths: Vec<PathBuf>,
    /// Only these rules.
    pub only: Vec<String>,
    /// Not these rules.
    pub exclude: Vec<String>,
    /// Keyword lists.
    pub keywords: Vec<PathBuf>,
    /// File with the key of hashed lists; without one, the variable `DAUMAT_KEYWORDS_KEY`.
    #[serde(default)]
    pub keywords_key: Option<PathBuf>,
    /// Lists of digests of known documents.
    #[serde(default)]
    pub known: Vec<PathBuf>,
    /// Law that reports cite, by its id in a pack; without one, the law in force.
    pub legal_basis: Option<String>,
    /// What labels mean that are only numbers: TOML, one table a label, its GUID as name.
    #[serde(default)]
    pub labels: Vec<PathBuf>,
}

/// What a label means that a document holds only the number of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedLabel {
    /// Its name, as people see it.
    pub name: String,
    /// Its level; none for an open one.
    pub level: Option<crate::model::Level>,
}

/// A GUID as labels are compared: small letters, no braces.
#[must_use]
pub fn bare_guid(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_lowercase()
}

/// Why there are no rules to run.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {error}")]
    Unreadable {
        /// File.
        file: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// Not TOML, or not the pack format.
    #[error("{file}: {message}")]
    Syntax {
        /// File.
        file: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A rule that cannot run.
    #[error("{file}: rule `{id}`: {message}")]
    Rule {
        /// File.
        file: String,
        /// Rule or evidence.
        id: String,
        /// What is wrong.
        message: String,
    },
    /// A folder of packs without packs.
    #[error("{folder}: no rule pack (*.toml) in this folder")]
    NoFiles {
        /// The folder.
        folder: String,
    },
    /// A pack nobody has.
    #[error("no pack `{id}`\nhint: packs are {known}")]
    NoPack {
        /// Asked for.
        id: String,
        /// There are.
        known: String,
    },
    /// A rule nobody has.
    #[error("no rule `{id}`\nhint: `daumat rules list` shows them")]
    NoRule {
        /// Asked for.
        id: String,
    },
    /// A law nobody knows.
    #[error("no legal basis `{id}`\nhint: there are {known}")]
    NoBasis {
        /// Asked for.
        id: String,
        /// There are.
        known: String,
    },
    /// Nothing would be looked for.
    #[error("no rule is in effect, so nothing would be found\nhint: check --pack, --rule and --exclude-rule")]
    Empty,
}

/// Loads and compiles what was selected.
///
/// # Errors
/// The first thing that is wrong, with its file.
pub fn load(selection: &Selection) -> Result<RuleSet, RuleError> {
    let mut digest = Digest::default();
    digest.add("version", env!("CARGO_PKG_VERSION"));
    let mut packs = Vec::new();
    for (file, text) in EMBEDDED {
        packs.push(((*file).to_owned(), parse(file, text)?, false, *text));
    }
    let mut own = Vec::new();
    for path in &selection.paths {
        for file in toml_files(path)? {
            let name = file.display().to_string();
            let text = read(&file)?;
            own.push((name, text));
        }
    }
    for (file, text) in &own {
        packs.push((file.clone(), parse(file, text)?, true, text.as_str()));
    }
    let known = packs.iter().map(|(_, pack, ..)| pack.pack.id.clone()).collect::<Vec<_>>();
    for id in selection.packs.iter().filter(|id| *id != "all") {
        if !known.contains(id) {
            return Err(RuleError::NoPack { id: id.clone(), known: known.join(", ") });
        }
    }
    let all = selection.packs.iter().any(|id| id == "all");
    let mut ids: Vec<String> = Vec::new();
    let mut chosen = Vec::new();
    for (file, pack, is_own, text) in packs {
        check(&file, &pack, is_own, &mut ids)?;
        let head = &pack.pack;
        // Evidence of `generic` speaks for all packs, so it is always there.
        let by_default = selection.packs.is_empty() && head.default;
        let wanted =
            is_own || all || by_default || head.id == "generic" || selection.packs.contains(&head.id);
        if wanted {
            digest.add("pack", text);
            chosen.push(pack);
        }
    }
    for id in selection.only.iter().chain(&selection.exclude) {
        if !ids.contains(id) {
            return Err(RuleError::NoRule { id: id.clone() });
        }
    }
    let mut keywords = Keywords::default();
    let key = keyword_key(selection.keywords_key.as_deref())?;
    for path in &selection.keywords {
        let text = read(path)?;
        // A hashed list names its key, and no other key reads it.
        digest.add("keywords", &text);
        let add = keywords.add(&path.display().to_string(), &text, key.as_ref());
        add.map_err(|message| RuleError::Syntax { file: path.display().to_string(), message })?;
    }
    let mut known_documents = super::Known::default();
    for path in &selection.known {
        let text = read(path)?;
        digest.add("known", &text);
        let add = known_documents.add(&text);
        add.map_err(|message| RuleError::Syntax { file: path.display().to_string(), message })?;
    }
    let mut labels = HashMap::new();
    for path in &selection.labels {
        let text = read(path)?;
        digest.add("labels", &text);
        let file = path.display().to_string();
        let own: HashMap<String, NamedLabel> = toml::from_str(&text)
            .map_err(|error| RuleError::Syntax { file, message: error.to_string().trim_end().to_owned() })?;
        labels.extend(own.into_iter().map(|(guid, label)| (bare_guid(&guid), label)));
    }
    let named =
        |rule: &Rule| selection.packs.iter().any(|pack| all || rule.id.starts_with(&format!("{pack}.")));
    let keep = |rule: &Rule| {
        let helps = matches!(rule.kind, RuleKind::Part | RuleKind::Cancel | RuleKind::Mention);
        (selection.only.is_empty() || selection.only.contains(&rule.id) || helps)
            && !selection.exclude.contains(&rule.id)
            && (rule.verified || named(rule))
    };
    // Not what was typed, but what it comes to: naming a pack also brings its unverified rules.
    let kept = chosen.iter().flat_map(|pack| &pack.rules).filter(|rule| keep(rule));
    kept.for_each(|rule| digest.add("rule", &rule.id));
    let mut rules = RuleSet::new(chosen, &keep, keywords, digest.finish());
    if let Some(id) = &selection.legal_basis {
        let mut known: Vec<&str> = rules.basis.iter().flatten().map(|basis| basis.id.as_str()).collect();
        if !known.contains(&id.as_str()) {
            known.dedup();
            return Err(RuleError::NoBasis { id: id.clone(), known: known.join(", ") });
        }
        rules.legal_basis = Some(id.clone());
    }
    rules.labels = labels;
    rules.known = known_documents;
    if rules.is_empty() { Err(RuleError::Empty) } else { Ok(rules) }
}

/// Digest of the rules in effect, as reports name them: different rules never have the same.
#[derive(Default)]
struct Digest(blake3::Hasher);

impl Digest {
    /// Adds a part. Its kind and length keep it apart from the next: a rule left out is no rule alone, and two lists
    /// are not the one list that holds both.
    fn add(&mut self, kind: &str, part: &str) {
        self.0.update(kind.as_bytes());
        self.0.update(&[0]);
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part.as_bytes());
    }

    fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// Variable with the key of hashed lists, where no file holds it.
const KEY_VARIABLE: &str = "DAUMAT_KEYWORDS_KEY";

/// The key of hashed keyword lists: of a file, or of the environment; none where neither is there.
///
/// # Errors
/// A file that cannot be read; a key that is too short.
pub fn keyword_key(file: Option<&Path>) -> Result<Option<KeywordKey>, RuleError> {
    let (name, bytes) = match (file, std::env::var(KEY_VARIABLE)) {
        (Some(path), _) => {
            let file = path.display().to_string();
            let bytes =
                std::fs::read(path).map_err(|error| RuleError::Unreadable { file: file.clone(), error })?;
            (file, bytes)
        }
        (None, Ok(text)) if !text.is_empty() => (KEY_VARIABLE.to_owned(), text.into_bytes()),
        _ => return Ok(None),
    };
    let message = "a key needs 16 bytes at least\nhint: make one with `openssl rand -hex 32`".to_owned();
    KeywordKey::new(&bytes).map(Some).ok_or(RuleError::Syntax { file: name, message })
}

fn read(path: &Path) -> Result<String, RuleError> {
    std::fs::read_to_string(path)
        .map_err(|error| RuleError::Unreadable { file: path.display().to_string(), error })
}

fn toml_files(path: &Path) -> Result<Vec<PathBuf>, RuleError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |error| RuleError::Unreadable { file: path.display().to_string(), error };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(RuleError::NoFiles { folder: path.display().to_string() });
    }
    Ok(files)
}

fn parse(file: &str, text: &str) -> Result<Pack, RuleError> {
    toml::from_str(text).map_err(|error| RuleError::Syntax {
        file: file.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}

/// What can be wrong with a pack that the format alone does not tell. `ids` are the rules of the packs before it.
fn check(file: &str, pack: &Pack, is_own: bool, ids: &mut Vec<String>) -> Result<(), RuleError> {
    let wrong = |rule: &Rule, message: &str| RuleError::Rule {
        file: file.to_owned(),
        id: rule.id.clone(),
        message: message.to_owned(),
    };
    if pack.pack.format != 1 {
        let message = format!("pack format {} is not known; this program reads format 1", pack.pack.format);
        return Err(RuleError::Syntax { file: file.to_owned(), message });
    }
    for rule in &pack.rules {
        if !rule.id.starts_with(&format!("{}.", pack.pack.id)) {
            return Err(wrong(rule, &format!("the id must begin with `{}.`", pack.pack.id)));
        }
        if ids.contains(&rule.id) {
            return Err(wrong(rule, "the id is there already; rules of packs before it cannot be replaced"));
        }
        ids.push(rule.id.clone());
        let reads = rule.grammar.is_some();
        if rule.terms.is_empty() && rule.patterns.is_empty() && rule.block.is_none() && !reads {
            return Err(wrong(rule, "neither terms nor patterns"));
        }
        // Labels and properties are few and looked at without the prefilter.
        let labels_only = rule.scope == [Scope::Label];
        if rule.anchors.is_empty() && rule.terms.is_empty() && rule.block.is_none() && !labels_only {
            return Err(wrong(rule, "a rule of patterns needs anchors: letters that stand in every match"));
        }
        if rule.anchors.iter().any(|anchor| anchor.len() < 2) {
            return Err(wrong(rule, "an anchor must have two letters at least"));
        }
        if rule.slips.iter().any(|slip| !(4..=LONGEST_SLIP).contains(&slip.chars().count())) {
            return Err(wrong(rule, "a mark among the slips has 4 to 62 letters"));
        }
        if rule.level.is_none()
            && rule.level_from.is_none()
            && !reads
            && matches!(rule.kind, RuleKind::Marking | RuleKind::Keyword)
        {
            return Err(wrong(rule, "neither level nor level_from"));
        }
        if rule.block.is_some_and(|block| block.lines > 8) {
            return Err(wrong(rule, "a block reaches 8 lines at most"));
        }
        if let Some(controls) = &rule.controls
            && !pack.tables.contains_key(&controls.table)
        {
            return Err(wrong(rule, &format!("no table `{}` in this pack", controls.table)));
        }
        if rule
            .examples
            .iter()
            .chain(&rule.counter_examples)
            .any(|example: &Example| example.text().is_empty())
        {
            return Err(wrong(rule, "an example is empty"));
        }
    }
    // Built-in patterns are held by tests; a gate should not wait at every start for them to be parsed.
    if is_own {
        let wrong = |(id, message)| RuleError::Rule { file: file.to_owned(), id, message };
        RuleSet::check_pack(pack).map_err(wrong)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn digest(of: &Selection) -> String {
        load(of).unwrap().digest
    }

    fn ids(of: &[&str]) -> Vec<String> {
        of.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn different_rules_have_different_digests() {
        let folder = tempfile::tempdir().unwrap();
        let list = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (one, other, both) =
            (list("one", "Orla\n"), list("other", "Vidu\n"), list("both", "Orla\nVidu\n"));
        let only = |only: &[&str]| Selection { only: ids(only), ..Selection::default() };
        let without = |exclude: &[&str]| Selection { exclude: ids(exclude), ..Selection::default() };
        let packs = |packs: &[&str]| Selection { packs: ids(packs), ..Selection::default() };
        let keywords = |lists: &[&PathBuf]| Selection {
            keywords: lists.iter().map(|path| (*path).clone()).collect(),
            ..Selection::default()
        };
        let (mat, secret) = ("vn.state-secret.mat", "us.level.secret");
        let all = [
            Selection::default(),
            only(&[mat]),
            only(&[secret]),
            only(&[mat, secret]),
            without(&[mat]),
            without(&[secret]),
            without(&[mat, secret]),
            Selection { exclude: ids(&[secret]), ..only(&[mat, secret, "vn.state-secret.toi-mat"]) },
            packs(&["vn"]),
            packs(&["us"]),
            packs(&["vn", "us"]),
            packs(&["all"]),
            keywords(&[&one]),
            keywords(&[&one, &other]),
            keywords(&[&both]),
        ];
        let mut digests: Vec<String> = all.iter().map(digest).collect();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), all.len());
        // An unverified rule runs where its pack is named, though the packs are the same.
        let names: Vec<String> = EMBEDDED
            .iter()
            .filter_map(|(file, text)| parse(file, text).ok())
            .filter(|pack| pack.pack.default)
            .map(|pack| pack.pack.id)
            .collect();
        let named = Selection { packs: names, ..Selection::default() };
        assert_ne!(digest(&named), digest(&Selection::default()));
    }

    #[test]
    fn the_order_of_flags_does_not_matter() {
        let only = |list: &[&str]| Selection { only: ids(list), ..Selection::default() };
        let (mat, secret) = ("vn.state-secret.mat", "us.level.secret");
        assert_eq!(digest(&only(&[mat, secret])), digest(&only(&[secret, mat, secret])));
        let neither = Selection { exclude: ids(&[secret]), ..only(&[mat, secret]) };
        assert_eq!(digest(&neither), digest(&only(&[mat])));
    }

    #[test]
    fn a_folder_of_packs_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pack = |id: &str| {
            format!(
                "[pack]\nid = \"{id}\"\nformat = 1\nversion = \"1\"\ntitle = {{ en = \"{id}\" }}\n\n[[rule]]\nid = \"{id}.word\"\ntitle = {{ en = \"{id}\" }}\nlevel = \"secret\"\nterms = [\"ORLA LAMP\"]\npoints = {{ alone = 60 }}\n"
            )
        };
        let of = Selection { paths: vec![folder.path().to_owned()], ..Selection::default() };
        assert!(matches!(load(&of), Err(RuleError::NoFiles { .. })));
        for id in ["north", "south"] {
            fs::write(folder.path().join(format!("{id}.toml")), pack(id)).unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "no pack").unwrap();
        let rules = load(&of).unwrap();
        for id in ["north.word", "south.word"] {
            assert!(rules.rules.iter().any(|rule| rule.rule.id == id), "{id}");
        }
    }
}
