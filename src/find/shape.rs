//! How a match stands in its piece of text.

use std::sync::LazyLock;

use regex::Regex;

use crate::fold::{trim_edges, unaccented};
use crate::model::Kind;
use crate::rules::Shape;
use crate::rules::banner::PARAGRAPH_NUMBER;

/// Longest header line, in characters, whose beginning or end is still a marking.
const MAX_EDGE_LINE: usize = 120;

/// What stands beside a marking without changing what it is, in unaccented capitals: page and copy numbers, dates,
/// the copy or page count of Decree 30/2020 cell 12.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static COMPANION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:(?:TRANG|PAGE|PAGES|SEITE|P\.?|TO SO|SHEET) ?:? ?)?\d{1,4}(?: ?(?:/|OF|VON|TREN) ?\d{1,4})?$",
        r"|^(?:BAN SO|BAN SAO SO|COPY(?: NO\.?| NUMBER)?|EXEMPLAIRE(?: NO)?|EXEMPLAR(?: NR\.?)?|KOPIE NR\.?) ?:? ?[\d.]*(?: ?(?:OF|/) ?\d+)?$",
        r"|^\d{1,2}[/. -]\d{1,2}[/. -]\d{2,4}$|^\d{4}-\d{2}-\d{2}$",
        // Viet Nam: the urgency mark in box 10b, the term of protection, recall and copying.
        r"|^/? ?(?:HOA TOC(?: HEN GIO)?|THUONG KHAN|KHAN|HEN GIO|TAI LIEU THU HOI|LUU HANH NOI BO)$",
        r"|^(?:THOI HAN(?: BAO VE)?|SO LUONG BAN(?: PHAT HANH)?|TU|DEN|LAN|TAP|QUYEN) ?:? ?[\d/. -]{1,12}(?: NAM)?$",
        r"|^(?:KHONG |CAM )(?:DUOC )?(?:PHEP )?SAO,? ?CHUP$",
        // The other column of a letterhead on the same line: motto, title of the Party, number and symbol, place and date.
        r"|^(?:CONG HOA XA HOI CHU NGHIA VIET NAM|DANG CONG SAN VIET NAM|DOC LAP ?- ?TU DO ?- ?HANH PHUC)$",
        r"|^SO ?:? ?[\d. ]{0,8}[-/] ?[A-Z]{1,8}(?:[-/][A-Z0-9]{1,12}){0,3}(?: [A-Z][A-Z. ]{1,40}, NGAY \d{1,2} THANG \d{1,2} NAM \d{4})?$",
        r"|^(?:[A-Z][A-Z. ]{1,40}, )?NGAY \d{1,2} THANG \d{1,2} NAM \d{4}$",
        // How far the paper is.
        r"|^(?:DRAFT|WORKING PAPERS?|DU THAO(?: LAN \d)?|ENTWURF|PROJET|BORRADOR|BOZZA|MINUTA)$",
        // Germany until 2006: who keeps it secret.
        r"|^AMTLICH GEHEIM ?GEHALTEN$",
    ))
    .expect("constant pattern")
});

/// Names of fields whose value is a marking, in unaccented capitals, colon included. Names that programs give are told by
/// [`label_words`].
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static FIELD_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[ (-])(?:(?:SECURITY |OVERALL |DOCUMENT |DATA |INFORMATION )?CLASSIFICATION(?: LEVEL| MARKING)?|SECURITY(?: LEVEL| MARKING)?",
        r"|PROTECTIVE MARKING|SENSITIVITY(?: LABEL)?|HANDLING|DO MAT|MUC DO MAT|(?:MUC|CAP)?DOMAT|CAP DO MAT|MUC MAT",
        // German, French, Spanish, Portuguese, Italian, Romanian.
        r"|EINSTUFUNG|(?:GEHEIMHALTUNGS|VS-)GRAD|GEHEIMHALTUNGSSTUFE|KLASSIFI(?:ZIERUNG|KATION)",
        r"|MENTION DE PROTECTION|CLASSIFICATION DE SECURITE|NIVEAU DE (?:CLASSIFICATION|PROTECTION|CONFIDENTIALITE)|CLASSEMENT",
        r"|CLASIFICACION(?: DE SEGURIDAD)?|(?:GRADO|NIVEL) DE (?:CLASIFICACION|CLASIFICARE|SECRETIZARE|SEGURIDAD)",
        r"|CLASSIFICACAO(?: DE SEGURANCA)?|GRAU DE (?:SIGILO|CLASSIFICACAO)|CLASSIFICA(?: DI SEGRETEZZA)?|LIVELLO DI (?:SEGRETEZZA|CLASSIFICA)",
        // Dutch, Nordic, Polish, Czech and Slovak, Hungarian, the Baltic.
        r"|RUBRICERING|KLASSIFI(?:CERING|SERING)|(?:SIKKERHETS|SIKKERHEDS)?GRADERING|SEKRETESS(?:KLASS|GRAD|MARKERING)|TURVALLISUUSLUOKKA",
        r"|KLAUZULA(?: TAJNO[SŚ]CI)?|STUPE[NŇ] UTAJEN[IÍ]A?|MINOSITES|SLAPTUMO ZYMA|STUPANJ TAJNOSTI|STOPNJA TAJNOSTI",
        // Russian, Ukrainian, Bulgarian, Greek, Indonesian, Chinese, Japanese.
        r"|ГРИФ(?: СЕКРЕТНОСТИ| СЕКРЕТНОСТІ)?|СТЕПЕНЬ СЕКРЕТНОСТИ|СТУПІНЬ СЕКРЕТНОСТІ|НИВО НА КЛАСИФИКАЦИЯ|ΔΙΑΒΑΘΜΙΣΗ(?: ΑΣΦΑΛΕΙΑΣ)?",
        r"|(?:TINGKAT |KLASIFIKASI )KEAMANAN|KLASIFIKASI|密[级級等别]|機密等級|秘密区分|機密区分|取扱区分) ?:$",
    ))
    .expect("constant pattern")
});

/// Briefings say it in a sentence, in capitals here.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static SENTENCE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:THE )?(?:(?:OVERALL|SECURITY|HIGHEST) )*CLASSIFICATION (?:LEVEL )?OF THIS [A-Z]+ IS$";
    Regex::new(pattern).expect("constant pattern")
});

/// The number of a paragraph, and nothing else.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static ONLY_A_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("^{PARAGRAPH_NUMBER}$")).expect("constant pattern"));

/// Whether a ticked box stands before a marking: of a form's choices this one was made.
#[must_use]
pub fn is_ticked(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with(['☒', '☑', '✔', '✓', '🗹']) || before.ends_with("[x]") || before.ends_with("[X]")
}

/// Longest name of a field, in bytes.
const LONGEST_NAME: usize = 80;

/// Where the value begins of a field that names a marking: `Gradering: HEMMELIG`, `classification = "SECRET"`.
pub(super) fn field_value(piece: &str) -> Option<usize> {
    let sign = piece.find([':', '=']).filter(|at| *at <= LONGEST_NAME)?;
    let (name, value) = (piece.get(..=sign)?, piece.get(sign + 1..)?);
    let value = value.trim_start_matches([' ', '"', '\'']);
    is_label(name).then(|| piece.len() - value.len())
}

/// Whether a text ends with the name of a field that names a marking, and the sign behind it.
fn is_label(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '"', '\'']);
    // What is assigned in a settings file has a name and nothing else.
    let assigned = || before.strip_suffix('=').filter(|name| is_identifier(name.trim()));
    let name = before.strip_suffix(':').or_else(assigned);
    name.is_some_and(|name| FIELD_LABEL.is_match(&format!("{}:", label_words(name))))
}

/// Whether a text is a name as programs give them.
fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// The name of a field in unaccented capitals; `securityClassification`, `do_mat` and `"do-mat"` are words as well.
fn label_words(name: &str) -> String {
    let name = name.trim_matches([' ', '"', '\'']);
    if !is_identifier(name) {
        return unaccented(name);
    }
    let mut words = String::new();
    let mut small = false;
    for letter in name.chars() {
        if small && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        small = letter.is_ascii_lowercase();
        words.push(if matches!(letter, '_' | '-' | '.') { ' ' } else { letter.to_ascii_uppercase() });
    }
    words
}

/// Says how `range` stands in `piece`, a folded piece without decoration.
pub(super) fn shape_of(piece: &str, range: &std::ops::Range<usize>, kind: Kind) -> Shape {
    let before = piece.get(..range.start).unwrap_or_default();
    let after = piece.get(range.end..).unwrap_or_default();
    let trimmed = |text: &str| unaccented(text.get(trim_edges(text)).unwrap_or_default()).trim().to_owned();
    let (left, right) = (trimmed(before), trimmed(after));
    // A portion mark stands behind the number of its paragraph.
    let is_portion = piece.get(range.start..).is_some_and(|mark| mark.starts_with(['(', '[']));
    let left = if is_portion && ONLY_A_NUMBER.is_match(before.trim()) { String::new() } else { left };
    if left.is_empty() && right.is_empty() {
        return Shape::Alone;
    }
    // Dots lead from a heading to the number of its page.
    let listed = after.contains("....") || after.contains(" . . .");
    let companion =
        |text: &str| text.is_empty() || !listed && text.len() <= MAX_EDGE_LINE && COMPANION.is_match(text);
    if companion(&left) && companion(&right) {
        return Shape::Companion;
    }
    // Most pieces need neither expression, and compiling them is a tenth of a verdict.
    let label = || left.ends_with(':') && FIELD_LABEL.is_match(&left) || is_label(before);
    let told = || left.ends_with(" IS") && left.len() <= LONGEST_NAME && SENTENCE_LABEL.is_match(&left);
    if before.len() <= 2 * LONGEST_NAME && before.contains([':', '=']) && companion(&right) && label()
        || right.is_empty() && told()
        || is_ticked(before)
    {
        return Shape::Labelled;
    }
    let framed_place = matches!(
        kind,
        Kind::Header | Kind::Footer | Kind::Watermark | Kind::Textbox | Kind::Stamp | Kind::Subject
    );
    if framed_place && (left.is_empty() || right.is_empty()) && piece.chars().count() <= MAX_EDGE_LINE {
        return Shape::Edge;
    }
    if left.is_empty() { Shape::Prefix } else { Shape::Within }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(piece: &str, word: &str, kind: Kind) -> Shape {
        let at = piece.find(word).unwrap();
        shape_of(piece, &(at..at + word.len()), kind)
    }

    #[test]
    fn shapes() {
        assert_eq!(shape("MẬT", "MẬT", Kind::Body), Shape::Alone);
        assert_eq!(shape("SECRET - Page 3 of 12", "SECRET", Kind::Body), Shape::Companion);
        assert_eq!(shape("TỐI MẬT - Bản số: 03", "TỐI MẬT", Kind::Footer), Shape::Companion);
        assert_eq!(shape("TỐI MẬT - HỎA TỐC", "TỐI MẬT", Kind::Body), Shape::Companion);
        assert_eq!(shape("MẬT (Thời hạn bảo vệ: 10 năm)", "MẬT", Kind::Body), Shape::Companion);
        assert_eq!(shape("Bản số: 03/10 - TỐI MẬT", "TỐI MẬT", Kind::Body), Shape::Companion);
        assert_eq!(shape("Classification: SECRET", "SECRET", Kind::Body), Shape::Labelled);
        assert_eq!(shape("Gradering: HEMMELIG", "HEMMELIG", Kind::Body), Shape::Labelled);
        for piece in [
            "classification = SECRET",
            "securityClassification: SECRET",
            "security_classification=\"SECRET\"",
            "doMat: SECRET",
            "do-mat: SECRET",
            "'classification': 'SECRET'",
        ] {
            assert_eq!(shape(piece, "SECRET", Kind::Body), Shape::Labelled, "{piece}");
        }
        for piece in [
            "client_secret = SECRET",
            "kind: SECRET",
            "the classification = SECRET",
            "declassification=SECRET",
        ] {
            assert_eq!(shape(piece, "SECRET", Kind::Body), Shape::Within, "{piece}");
        }
        let briefing = "The overall classification of this briefing is SECRET";
        assert_eq!(shape(briefing, "SECRET", Kind::Body), Shape::Labelled);
        assert_eq!(shape("4 SECRET ........ 12", "SECRET", Kind::Body), Shape::Within);
        assert_eq!(shape("MẬT CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "MẬT", Kind::Body), Shape::Companion);
        assert_eq!(shape("Số: 56/BC-STN TỐI MẬT", "TỐI MẬT", Kind::Body), Shape::Companion);
        assert_eq!(shape("2. (S//NF) Text", "(S//NF)", Kind::Body), Shape::Prefix);
        assert_eq!(shape("2. SECRET Text", "SECRET", Kind::Body), Shape::Within);
        assert_eq!(shape("SECRET Orla review", "SECRET", Kind::Header), Shape::Edge);
        assert_eq!(shape("SECRET Orla review", "SECRET", Kind::Body), Shape::Prefix);
        assert_eq!(shape("He has a SECRET clearance", "SECRET", Kind::Body), Shape::Within);
    }
}
