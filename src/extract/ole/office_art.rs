//! OfficeArt (MS-ODRAW): the drawings of old Word, Excel and PowerPoint files.
//!
//! In: the records of a drawing. Out: its shapes one by one, with WordArt text (a watermark is one), names, alternative
//! texts, links, and whether they are hidden; the records a program keeps in a shape (text of a slide, anchor) as bytes.
//! Left out: geometry, colours of lines and fills, and the pixels of pictures, which are only counted.

use encoding_rs::UTF_16LE;

use super::super::{Sink, Unreadable};
use super::{decode, u16_at, u32_at};
use crate::model::{Kind, Place, Segment, Style};

/// Groups in groups beyond this depth are not followed; PowerPoint allows about 30.
const MAX_DEPTH: u32 = 64;

/// Record types (MS-ODRAW 2.1 and 2.2).
mod record {
    pub(super) const GROUP: u16 = 0xF003;
    pub(super) const SHAPE: u16 = 0xF004;
    pub(super) const FSP: u16 = 0xF00A;
    pub(super) const OPTIONS: u16 = 0xF00B;
    pub(super) const CLIENT_TEXT: u16 = 0xF00D;
    pub(super) const CLIENT_ANCHOR: u16 = 0xF010;
    pub(super) const CLIENT_DATA: u16 = 0xF011;
    pub(super) const SECONDARY_OPTIONS: u16 = 0xF121;
    pub(super) const TERTIARY_OPTIONS: u16 = 0xF122;
}

/// A shape of a drawing.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape<'a> {
    /// Its number in the document (`spid`).
    pub(super) id: u32,
    /// What it is drawn as (MSOSPT, MS-ODRAW 2.4.24): 136 to 175 are WordArt, 202 is a text box.
    pub(super) preset: u16,
    /// Number of its text in the document's text boxes (`lTxid`); in Word, in the upper half, from 1.
    pub(super) text_id: Option<u32>,
    /// Text drawn as WordArt (`gtextUNICODE`).
    pub(super) word_art: String,
    /// Font of the WordArt (`gtextFont`).
    pub(super) font: String,
    /// Name in the selection pane, given by the user or made up (`wzName`).
    pub(super) name: String,
    /// Alternative text (`wzDescription`).
    pub(super) description: String,
    /// What is shown when the mouse rests on it (`wzTooltip`).
    pub(super) tooltip: String,
    /// File name or comment of its picture (`pibName`).
    pub(super) picture_name: String,
    /// Texts of its hyperlink: shown name, target, place in the target.
    pub(super) links: Vec<String>,
    /// It shows a picture (`pib`).
    pub(super) has_picture: bool,
    /// It or a group around it is not shown.
    pub(super) hidden: bool,
    /// It or a group around it is a table: its shapes are cells.
    pub(super) in_table: bool,
    /// Whether a line is drawn around it, where that is said.
    pub(super) lined: Option<bool>,
    /// Records of the program: text of a slide's shape. Whole records inside.
    pub(super) client_text: &'a [u8],
    /// Records of the program: its data.
    pub(super) client_data: &'a [u8],
    /// The program's anchor: cell or position.
    pub(super) client_anchor: &'a [u8],
}

impl Shape<'_> {
    /// Whether its name says that it is the watermark Word makes.
    pub(super) fn is_watermark(&self) -> bool {
        self.name.to_ascii_lowercase().contains("watermark")
    }

    /// Pushes the texts that the shape has itself. `place` is where it stands; WordArt takes its kind.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn push(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let place = Place { visible: place.visible && !self.hidden, ..place };
        let art = self.word_art.trim();
        if !art.is_empty() {
            let font = Some(self.font.as_str()).filter(|font| !font.is_empty());
            let style = Style { font, ..Style::default() };
            sink.segment(Segment::new(art, place).styled(style))?;
        }
        let aside = Place { visible: false, ..place };
        for (text, kind, name) in [
            (&self.description, Kind::AltText, "descr"),
            (&self.name, Kind::AltText, "name"),
            (&self.tooltip, Kind::AltText, "tooltip"),
            (&self.picture_name, Kind::AltText, "picture name"),
        ] {
            if !text.trim().is_empty() {
                sink.segment(Segment::new(text, Place { kind, name: Some(name), ..aside }))?;
            }
        }
        for text in &self.links {
            sink.segment(Segment::new(text, Place { kind: Kind::Link, name: Some("link"), ..aside }))?;
        }
        Ok(())
    }
}

/// A record: type, instance, content, and where the next one begins.
struct Record<'a> {
    kind: u16,
    instance: u16,
    is_container: bool,
    content: &'a [u8],
    next: usize,
}

/// The record at `at`. One that says it is longer than the rest is given as far as it goes.
fn record_at(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let head = u16_at(bytes, at)?;
    let kind = u16_at(bytes, at + 2)?;
    let len = u32_at(bytes, at + 4)? as usize;
    let content = bytes.get(at + 8..)?;
    let content = content.get(..len).unwrap_or(content);
    let next = at + 8 + content.len();
    Some(Record { kind, instance: head >> 4, is_container: head & 0xF == 0xF, content, next })
}

/// Gives every shape in a sequence of records, groups and drawings opened. Returns how many bytes were records of
/// OfficeArt (types 0xF000 to 0xFFFF); what follows them is the caller's.
///
/// # Errors
/// What `each` gave.
pub(super) fn shapes<'a>(
    bytes: &'a [u8],
    each: &mut dyn FnMut(&Shape<'a>) -> Result<(), Unreadable>,
) -> Result<usize, Unreadable> {
    walk(bytes, (false, false), 0, each)
}

fn walk<'a>(
    bytes: &'a [u8],
    (mut hidden, mut in_table): (bool, bool),
    depth: u32,
    each: &mut dyn FnMut(&Shape<'a>) -> Result<(), Unreadable>,
) -> Result<usize, Unreadable> {
    let (mut at, mut first) = (0, true);
    while let Some(record) = record_at(bytes, at).filter(|record| record.kind >= 0xF000) {
        match record.kind {
            record::SHAPE => {
                let mut shape = shape(record.content);
                shape.hidden |= hidden;
                shape.in_table |= in_table;
                // The first shape of a group is the group.
                if first && depth > 0 {
                    (hidden, in_table) = (shape.hidden, shape.in_table);
                }
                each(&shape)?;
                first = false;
            }
            record::GROUP if depth < MAX_DEPTH => {
                walk(record.content, (hidden, in_table), depth + 1, each)?;
                first = false;
            }
            _ if record.is_container && depth < MAX_DEPTH => {
                // A drawing and whatever else holds records; a program's own text does not stand outside of shapes.
                walk(record.content, (hidden, in_table), depth + 1, each)?;
            }
            _ => {}
        }
        at = record.next;
    }
    Ok(at)
}

/// A shape from the content of its container.
pub(super) fn shape(bytes: &[u8]) -> Shape<'_> {
    let mut shape = Shape::default();
    let mut at = 0;
    while let Some(record) = record_at(bytes, at) {
        match record.kind {
            record::FSP => {
                shape.preset = record.instance;
                shape.id = u32_at(record.content, 0).unwrap_or(0);
                // fDeleted: kept in the file, shown nowhere (MS-ODRAW 2.2.40).
                shape.hidden |= u32_at(record.content, 4).is_some_and(|flags| flags & 0x08 != 0);
            }
            record::OPTIONS | record::SECONDARY_OPTIONS | record::TERTIARY_OPTIONS => {
                options(record.content, record.instance, &mut shape);
            }
            record::CLIENT_TEXT => shape.client_text = record.content,
            record::CLIENT_DATA => shape.client_data = record.content,
            record::CLIENT_ANCHOR => shape.client_anchor = record.content,
            _ => {}
        }
        at = record.next;
    }
    shape
}

/// Reads a table of properties (MS-ODRAW 2.2.9): `count` entries of six bytes, then what does not fit into four bytes.
fn options(bytes: &[u8], count: u16, shape: &mut Shape<'_>) {
    let mut data = usize::from(count) * 6;
    for entry in 0..usize::from(count) {
        let (Some(id), Some(value)) = (u16_at(bytes, entry * 6), u32_at(bytes, entry * 6 + 2)) else { break };
        let mut content = &bytes[..0];
        if id & 0x8000 != 0 {
            let rest = bytes.get(data..).unwrap_or_default();
            let len = (value as usize).saturating_add(uncounted(id & 0x3FFF, rest, value));
            content = rest.get(..len).unwrap_or(rest);
            data = data.saturating_add(len);
        }
        // A flag of a group of booleans and the bit that says whether it counts.
        let flag = |bit: u32| (value & (1 << (bit + 16)) != 0).then_some(value & (1 << bit) != 0);
        match id & 0x3FFF {
            0x0080 => shape.text_id = Some(value),
            0x00C0 => shape.word_art = decode(content, UTF_16LE).replace('\r', "\n"),
            0x00C5 => shape.font = decode(content, UTF_16LE),
            0x0104 => shape.has_picture = true,
            0x0105 => shape.picture_name = decode(content, UTF_16LE),
            0x01FF => shape.lined = flag(3).or(shape.lined),
            0x0380 => shape.name = decode(content, UTF_16LE),
            0x0381 => shape.description = decode(content, UTF_16LE),
            // A class identifier stands before the link (MS-ODRAW 2.3.4.3, IHlink).
            0x0382 => shape.links = hyperlink(content.get(16..).unwrap_or_default()),
            0x038D => shape.tooltip = decode(content, UTF_16LE),
            // fIsTable of the table properties of a group (MS-ODRAW 2.3.4.37).
            0x039F => shape.in_table |= value & 1 != 0,
            0x03BF => shape.hidden |= flag(1) == Some(true),
            _ => {}
        }
    }
}

/// Bytes of an array's head (count, capacity, size of an element) that its length does not count. The standard counts
/// them (2.2.51, IMsoArray); Office and LibreOffice write both.
fn uncounted(id: u16, content: &[u8], len: u32) -> usize {
    // Points, segments, connection sites, angles, handles, formulas, text rectangles, colours, dashes, wrapping points.
    if !matches!(id, 0x0145 | 0x0146 | 0x0151..=0x0157 | 0x0197 | 0x01CF | 0x0383) {
        return 0;
    }
    let (Some(count), Some(size)) = (u16_at(content, 0), u16_at(content, 4)) else { return 0 };
    // 0xFFF0 stands for two numbers of two bytes.
    let size = if size == 0xFFF0 { 4 } else { u32::from(size) };
    if u32::from(count) * size == len { 6 } else { 0 }
}

/// Texts of a hyperlink object (MS-OSHARED 2.3.7.1), which begins with its version: shown name, frame, target, place in
/// the target.
pub(super) fn hyperlink(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    read_hyperlink(bytes, &mut texts);
    texts.retain(|text| !text.trim().is_empty());
    texts
}

fn read_hyperlink(bytes: &[u8], texts: &mut Vec<String>) -> Option<()> {
    let flags = u32_at(bytes, 4)?;
    let mut at = 8;
    // A count of UTF-16 units, then these.
    let text = |at: &mut usize, texts: &mut Vec<String>| -> Option<()> {
        let len = (u32_at(bytes, *at)? as usize).checked_mul(2)?;
        let raw = bytes.get(*at + 4..)?.get(..len)?;
        texts.push(decode(raw, UTF_16LE));
        *at += 4 + len;
        Some(())
    };
    if flags & 0x10 != 0 {
        text(&mut at, texts)?;
    }
    if flags & 0x80 != 0 {
        text(&mut at, texts)?;
    }
    if flags & 0x101 == 0x101 {
        text(&mut at, texts)?;
    } else if flags & 1 != 0 {
        let class = bytes.get(at..at + 4)?;
        at += 16;
        match class {
            // URL moniker 79EAC9E0-...: its length in bytes.
            [0xE0, 0xC9, 0xEA, 0x79] => {
                let len = u32_at(bytes, at)? as usize;
                let raw = bytes.get(at + 4..)?.get(..len)?;
                let (url, _) = UTF_16LE.decode_without_bom_handling(raw);
                texts.push(url.split('\0').next().unwrap_or_default().to_owned());
                at += 4 + len;
            }
            // File moniker 00000303-...: steps up, path in 8 bits, and in UTF-16 where that is not enough.
            [0x03, 0x03, 0x00, 0x00] => {
                let len = u32_at(bytes, at + 2)? as usize;
                let narrow = bytes.get(at + 6..)?.get(..len)?;
                at += 6 + len + 24;
                let wide = u32_at(bytes, at)? as usize;
                let path = bytes.get(at + 10..).and_then(|rest| rest.get(..wide.checked_sub(6)?));
                texts.push(match path {
                    Some(path) if wide > 6 => decode(path, UTF_16LE),
                    _ => decode(narrow, encoding_rs::WINDOWS_1252),
                });
                at = at.checked_add(4)?.checked_add(wide)?;
            }
            // Others are compositions whose length is nowhere told.
            _ => return None,
        }
    }
    if flags & 0x08 != 0 {
        text(&mut at, texts)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, instance: u16, version: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = (instance << 4 | version).to_le_bytes().to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(content);
        bytes
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    fn shape_of(id: u32, properties: &[(u16, u32, Vec<u8>)]) -> Vec<u8> {
        let mut table: Vec<u8> = Vec::new();
        for (id, value, content) in properties {
            table.extend(id.to_le_bytes());
            table.extend(if content.is_empty() { *value } else { content.len() as u32 }.to_le_bytes());
        }
        table.extend(properties.iter().flat_map(|(_, _, content)| content.clone()));
        let mut content = record(0xF00A, 136, 2, &[id.to_le_bytes(), [0; 4]].concat());
        content.extend(record(0xF00B, properties.len() as u16, 3, &table));
        record(0xF004, 0, 0xF, &content)
    }

    #[test]
    fn word_art_names_and_hidden_groups() {
        let art = shape_of(
            7,
            &[
                (0x80C0, 0, utf16("TỐI MẬT")),
                (0x80C5, 0, utf16(".VnTime")),
                (0x0104, 3, Vec::new()),
                (0x8380, 0, utf16("PowerPlusWaterMarkObject1")),
                (0x8381, 0, utf16("dấu mật")),
            ],
        );
        let group = shape_of(8, &[(0x03BF, 0x0002_0002, Vec::new())]);
        let inner = record(0xF003, 0, 0xF, &[group, shape_of(9, &[])].concat());
        let drawing = record(0xF002, 0, 0xF, &[art, inner].concat());
        let mut seen = Vec::new();
        let used = shapes(&drawing, &mut |shape| {
            seen.push(shape.clone());
            Ok(())
        });
        assert_eq!(used.unwrap(), drawing.len());
        let [art, group, inside] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((art.id, art.preset, art.word_art.as_str()), (7, 136, "TỐI MẬT"));
        assert_eq!((art.font.as_str(), art.description.as_str()), (".VnTime", "dấu mật"));
        assert!(art.is_watermark() && art.has_picture && !art.hidden);
        assert!(group.hidden && inside.hidden);
    }

    #[test]
    fn links_to_pages_and_files() {
        let mut url = vec![2, 0, 0, 0, 0x13, 0, 0, 0];
        url.extend(5u32.to_le_bytes());
        url.extend(utf16("Orla"));
        url.extend([
            0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9, 0x0B,
        ]);
        let target = utf16("https://example.org/");
        url.extend((target.len() as u32).to_le_bytes());
        url.extend(target);
        assert_eq!(hyperlink(&url), ["Orla", "https://example.org/"]);
        assert!(hyperlink(&url[..20]).is_empty());
    }
}
