//! Properties of messages as Outlook and Exchange name them (MS-OXPROPS), whatever file holds them: a compound file
//! (`ole::msg`) or TNEF.

pub(super) mod lzfu;

use encoding_rs::{UTF_16LE, WINDOWS_1252};

use super::ooxml::kind_of_property;
use super::xml::has_letter;
use super::{Sink, Stop, charset, eml};
use crate::model::{Kind, Place, Segment};

/// Types of values (MS-OXCDATA 2.11.1).
pub(super) mod kinds {
    /// Text in 8 bits.
    pub(in crate::extract) const STRING8: u16 = 0x001E;
    /// Text in UTF-16.
    pub(in crate::extract) const STRING: u16 = 0x001F;
    /// Bytes.
    pub(in crate::extract) const BINARY: u16 = 0x0102;
    /// A storage or a message.
    pub(in crate::extract) const OBJECT: u16 = 0x000D;
    /// Added to the type of each value of several.
    pub(in crate::extract) const MULTIPLE: u16 = 0x1000;
}

/// Properties that are no plain text, or that a reader asks for by number.
pub(super) mod ids {
    /// PidTagBody
    pub(in crate::extract) const BODY: u16 = 0x1000;
    /// PidTagRtfCompressed
    pub(in crate::extract) const RTF: u16 = 0x1009;
    /// PidTagBodyHtml, PidTagHtml
    pub(in crate::extract) const HTML: u16 = 0x1013;
    /// PidTagSubject
    pub(in crate::extract) const SUBJECT: u16 = 0x0037;
    /// PidTagSensitivity
    pub(in crate::extract) const SENSITIVITY: u16 = 0x0036;
    /// PidTagAttachDataBinary, PidTagAttachDataObject
    pub(in crate::extract) const DATA: u16 = 0x3701;
    /// PidTagAttachFilename, of eight letters
    pub(in crate::extract) const SHORT_NAME: u16 = 0x3704;
    /// PidTagAttachLongFilename
    pub(in crate::extract) const LONG_NAME: u16 = 0x3707;
    /// PidTagAttachMimeTag
    pub(in crate::extract) const MEDIA: u16 = 0x370E;
    /// PidTagDisplayName
    pub(in crate::extract) const DISPLAY_NAME: u16 = 0x3001;
    /// PidTagMessageCodepage
    pub(in crate::extract) const CODE_PAGE: u16 = 0x3FFD;
    /// PidTagInternetCodepage
    pub(in crate::extract) const INTERNET_CODE_PAGE: u16 = 0x3FDE;
    /// PidTagMessageLocaleId
    pub(in crate::extract) const LOCALE: u16 = 0x3FF1;
}

/// What is known of a text property: its name, and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Subject,
    Body,
    Headers,
    Address,
    Property,
    Link,
    /// Machine words: kinds of address, identifiers of the message.
    Noise,
}

static NAMES: &[(u16, &str, Use)] = &[
    (0x0037, "subject", Use::Subject),
    (0x0E1D, "normalized subject", Use::Subject),
    (0x0070, "conversation topic", Use::Subject),
    (0x003D, "subject prefix", Use::Noise),
    (0x1000, "body", Use::Body),
    (0x007D, "transport headers", Use::Headers),
    (0x0C1A, "sender", Use::Address),
    (0x0C1F, "sender address", Use::Address),
    (0x5D01, "sender address", Use::Address),
    (0x0042, "from", Use::Address),
    (0x0065, "from address", Use::Address),
    (0x5D02, "from address", Use::Address),
    (0x0E04, "to", Use::Address),
    (0x0E03, "cc", Use::Address),
    (0x0E02, "bcc", Use::Address),
    (0x0040, "received by", Use::Address),
    (0x0044, "received for", Use::Address),
    (0x0050, "reply recipients", Use::Address),
    (0x3001, "display name", Use::Address),
    (0x3003, "e-mail address", Use::Address),
    (0x39FE, "e-mail address", Use::Address),
    (0x3A20, "display name", Use::Address),
    (0x3FF8, "creator", Use::Property),
    (0x3FFA, "last modifier", Use::Property),
    (0x3A16, "company", Use::Property),
    (0x3A17, "title", Use::Property),
    (0x3A18, "department", Use::Property),
    (0x3708, "path", Use::Link),
    (0x370D, "path", Use::Link),
    (0x3713, "content location", Use::Link),
    (0x3704, "file name", Use::Property),
    (0x3707, "file name", Use::Property),
    (0x1001, "report text", Use::Body),
    (0x001A, "message class", Use::Noise),
    (0x1035, "message id", Use::Noise),
    (0x1039, "references", Use::Noise),
    (0x1042, "in reply to", Use::Noise),
    (0x0C1E, "address type", Use::Noise),
    (0x0064, "address type", Use::Noise),
    (0x0075, "address type", Use::Noise),
    (0x0077, "address type", Use::Noise),
    (0x3002, "address type", Use::Noise),
    (0x3703, "extension", Use::Noise),
    (0x370E, "media type", Use::Noise),
    (0x3712, "content id", Use::Noise),
    (0x3716, "content disposition", Use::Noise),
];

/// Names of properties by number in a set (MS-OXPROPS 1.3.2), as far as a person would look for them.
static NUMBERED: &[(u32, &str)] = &[
    (0x8005, "file under"),
    (0x801A, "home address"),
    (0x801B, "work address"),
    (0x8080, "e-mail"),
    (0x8083, "e-mail"),
    (0x8084, "e-mail"),
    (0x811F, "task owner"),
    (0x8208, "location"),
    (0x8232, "recurrence"),
    (0x8238, "all attendees"),
    (0x823B, "required attendees"),
    (0x823C, "optional attendees"),
    (0x8530, "flag request"),
    (0x8539, "companies"),
    (0x853A, "contacts"),
    (0x8586, "billing"),
];

/// The name of a property that its set numbers.
pub(super) fn numbered(number: u32) -> String {
    let known = NUMBERED.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("property {number:04X}"), |(_, name)| (*name).to_owned())
}

/// Pushes a text property. `name` is that of a property the message names itself.
///
/// # Errors
/// When the sink stops.
pub(super) fn push_text(id: u16, name: Option<&str>, text: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
    if !has_letter(text) {
        return Ok(());
    }
    if let Some(name) = name {
        let lower = name.to_ascii_lowercase();
        if lower == "msip_labels" {
            return eml::push_msip_labels(text, sink);
        }
        let kind = if eml::is_label(&lower) { Kind::Label } else { kind_of_property(name) };
        return sink.segment(Segment::new(text, Place::new(kind).hidden().named(name)));
    }
    let known = NAMES.iter().find(|(known, ..)| *known == id);
    let code = format!("property {id:04X}");
    let (name, shown) = known.map_or((code.as_str(), Use::Property), |(_, name, shown)| (*name, *shown));
    match shown {
        Use::Noise => Ok(()),
        Use::Headers => eml::push_headers(text.as_bytes(), sink),
        Use::Body => sink.segment(Segment::lines(text, Place::new(Kind::Body).named(name))),
        Use::Subject => sink.segment(Segment::new(text, Place::new(Kind::Subject).named(name))),
        Use::Address => sink.segment(Segment::new(text, Place::new(Kind::Property).named(name))),
        Use::Property => sink.segment(Segment::new(text, Place::new(Kind::Property).hidden().named(name))),
        Use::Link => sink.segment(Segment::new(text, Place::new(Kind::Link).hidden().named(name))),
    }
}

/// Pushes the sensitivity a sender chose (PidTagSensitivity, MS-OXCMSG 2.2.1.13), in the words of RFC 2156.
///
/// # Errors
/// When the sink stops.
pub(super) fn push_sensitivity(value: u32, sink: &mut dyn Sink) -> Result<(), Stop> {
    let word = match value {
        1 => "Personal",
        2 => "Private",
        3 => "Company-Confidential",
        _ => return Ok(()),
    };
    sink.segment(Segment::new(word, Place::new(Kind::Label).hidden().named("sensitivity")))
}

/// What texts in 8 bits are decoded with, as the message says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CodePages {
    /// PidTagMessageCodepage
    pub(super) message: Option<u32>,
    /// PidTagInternetCodepage: of the HTML body, and of the message where it says nothing else.
    pub(super) internet: Option<u32>,
    /// PidTagMessageLocaleId
    pub(super) locale: Option<u32>,
}

impl CodePages {
    /// The text of a property of that type. Bytes that are UTF-8 are read so, whatever the message says.
    pub(super) fn text(self, kind: u16, bytes: &[u8]) -> String {
        if kind & !kinds::MULTIPLE == kinds::STRING {
            let (text, _) = UTF_16LE.decode_without_bom_handling(bytes);
            return text.trim_matches(['\0', '\u{feff}']).to_owned();
        }
        let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        let label =
            self.message.or(self.internet).and_then(label).or_else(|| self.locale.and_then(of_locale));
        charset::decode(bytes, label.as_deref()).0.trim_matches('\0').to_owned()
    }

    /// The charset of the HTML body.
    pub(super) fn html(self) -> Option<String> {
        self.internet.and_then(label)
    }
}

/// A label of the encoding standard for a Windows code page.
fn label(page: u32) -> Option<String> {
    Some(match page {
        65_001 => "utf-8".to_owned(),
        1_200 => "utf-16le".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        54_936 => "gb18030".to_owned(),
        866 => "ibm866".to_owned(),
        10_000 => "macintosh".to_owned(),
        20_866 => "koi8-r".to_owned(),
        21_866 => "koi8-u".to_owned(),
        50_220..=50_222 => "iso-2022-jp".to_owned(),
        51_932 => "euc-jp".to_owned(),
        28_591..=28_606 => format!("iso-8859-{}", page - 28_590),
        874 | 1_250..=1_258 => format!("windows-{page}"),
        // 20127, US-ASCII: says nothing of letters that are there all the same.
        _ => return None,
    })
}

/// The Windows code page of a language: the primary one of MS-LCID, in the lower ten bits.
fn of_locale(locale: u32) -> Option<String> {
    label(match locale & 0x3FF {
        0x02 | 0x19 | 0x22 | 0x23 | 0x2F => 1251,
        0x04 if matches!(locale, 0x0804 | 0x1004) => 936,
        0x04 => 950,
        0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24 => 1250,
        0x08 => 1253,
        0x1F => 1254,
        0x0D => 1255,
        0x01 | 0x20 | 0x29 => 1256,
        0x25..=0x27 => 1257,
        0x1E => 874,
        0x11 => 932,
        0x12 => 949,
        0x2A => 1258,
        _ => return None,
    })
}

/// Text of a field whose bytes are plain letters.
pub(super) fn ascii(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.trim_end_matches('\0').to_owned()
}

/// The media type under which an attachment is handed on: a signed message whose parts follow its first header is a
/// message, whatever it is named.
pub(super) fn media(declared: &str) -> Option<&str> {
    match declared {
        "" => None,
        "multipart/signed" => Some("message/rfc822"),
        other => Some(other),
    }
}

/// Whether an attachment holds a message under rights management, which only its server can open (MS-OXORMMS).
pub(super) fn is_rights_protected(name: &str, media: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".rpmsg")
        || media.eq_ignore_ascii_case("application/x-microsoft-rpmsg-message")
}
