//! Names of files: this one's, or those that links lead to.

use unicode_normalization::UnicodeNormalization as _;

use super::record::{MAX_MATCHED, Seen};
use super::{Finder, GROUP_MEMBERS, MAX_GROUPS};
use crate::find::candidate::{Candidate, GroupKey};
use crate::fold::{Folded, trim_edges};
use crate::model::{Kind, Place};
use crate::rules::Scope;

/// Extensions of files whose names are looked at where a link leads to them.
static DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "docm", "dot", "dotx", "rtf", "odt", "txt", "xls", "xlsx", "xlsm", "xlsb", "ods",
    "csv", "ppt", "pptx", "pps", "ppsx", "odp", "zip", "rar", "7z", "tif", "tiff", "jpg", "jpeg", "png",
    "msg", "eml",
];

impl Finder<'_> {
    /// The name of a file, this one's or one that a link leads to: each folder and the stem are pieces of their own.
    pub(super) fn name(&mut self, name: &str, place: &Place<'_>) {
        let mut parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
        if let Some(last) = parts.last_mut()
            && let Some((stem, _)) = last.rsplit_once('.')
            && !stem.is_empty()
        {
            *last = stem;
        }
        for part in parts {
            let text = part.replace('_', " ");
            let folded = Folded::new(&text);
            let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default();
            let hits = self.rules.matches(piece, Scope::Name, None);
            for hit in &hits {
                let matched: String = part.nfc().take(MAX_MATCHED).collect();
                let seen = Seen::new(hit, &hits, piece, Kind::Name, matched, Vec::new());
                let candidate = Candidate {
                    rule: seen.rule,
                    level: seen.level,
                    shape: seen.shape,
                    matched: seen.matched,
                    around: seen.around,
                    place: place.to_owned(),
                    in_name: true,
                    ordinal: None,
                    area: None,
                    red: false,
                    framed: false,
                    struck: false,
                    transforms: Vec::new(),
                    notes: seen.notes,
                    before: Vec::new(),
                    after: Vec::new(),
                    peers: (0, 0),
                    other_levels: seen.other_levels,
                };
                let key: GroupKey = (seen.rule, seen.key, place.kind);
                if self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key) {
                    return;
                }
                let group = self.groups.entry(key).or_default();
                group.count += 1;
                if group.members.len() < GROUP_MEMBERS {
                    group.members.push(candidate);
                }
            }
        }
    }
}

/// The name of the document that an address leads to, if it leads to one: `/van-ban/12%20(MẬT).pdf?v=2`. Pages are left
/// out: their names are titles, and what they are about.
pub(super) fn linked_file(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?;
    let name = path.rsplit(['/', '\\']).next()?.trim();
    let (_, extension) = name.rsplit_once('.')?;
    let known = DOCUMENTS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    known.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files() {
        assert_eq!(linked_file("/van-ban/12 (MẬT).pdf?v=2#a"), Some("12 (MẬT).pdf"));
        assert_eq!(linked_file("bc_toi_mat.DOCX"), Some("bc_toi_mat.DOCX"));
        for other in ["https://vidu.example/mat.html", "toi-mat", "mailto:a@b.example", "/a.pdf/xem", ""] {
            assert_eq!(linked_file(other), None, "{other}");
        }
    }
}
