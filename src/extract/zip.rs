//! ZIP: the archive itself, and the door to the formats that are ZIP packages (OOXML, OpenDocument).
//!
//! In: a zip with random access, or as a stream when it lies in a container and is too large for memory. Out: one
//! member per entry, or whatever the package's own reader pushes. Entries that are encrypted or packed by a method we
//! do not inflate are members that say so. Directory entries give nothing of their own: their name is part of every
//! path below them. Without a usable central directory the local headers are followed from the start.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::input::{Access, Input, ReadSeek};
use super::limits::{Budget, Guarded};
use super::xml::Xml;
use super::{Format, Head, Member, Sink, Unreadable, odf, ooxml};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of ZIP files and of all packages built on them.
pub(super) struct Zip;

impl Format for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[
            "zip", "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xltm", "xlam", "xlsb", "pptx",
            "pptm", "ppsx", "ppsm", "potx", "potm", "ppam", "thmx", "vsdx", "vsdm", "odt", "ods", "odp",
            "odg", "odf", "odc", "odb", "odm", "ott", "ots", "otp", "otg", "oth", "epub", "jar", "war",
            "ear", "apk", "aar", "ipa", "xpi", "kmz", "cbz", "whl", "nupkg", "vsix", "xps", "oxps", "wacz",
            "sxw", "sxc", "sxi", "sxd",
        ]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04"]
            .iter()
            .any(|signature| head.bytes.starts_with(signature))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let extension = input.extension();
        match input.access()? {
            Access::Once(stream) => return salvage(stream, &budget, sink),
            Access::Random(reader) => match Package::open(reader, &budget) {
                Ok(package) => return read_package(package, &extension, sink),
                Err(error) => sink.gap(Gap::new(GapReason::Damaged, format!("central directory: {error}"))),
            },
        }
        salvage(input.stream()?, &budget, sink)
    }
}

fn read_package(mut package: Package<'_>, extension: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    if package.archive.has_duplicate_names() {
        // The zip crate keeps the last of them.
        sink.gap(Gap::new(GapReason::Damaged, "several entries of the same name, only the last was read"));
    }
    let comment = String::from_utf8_lossy(package.archive.comment()).into_owned();
    if !comment.trim().is_empty() {
        sink.segment(Segment::new(&comment, Place::new(Kind::Comment).named("archive comment")))?;
    }
    if package.find("[Content_Types].xml").is_some() && ooxml::read(&mut package, sink)? {
        return Ok(());
    }
    if odf::is_odf(&mut package) {
        return odf::read(&mut package, sink);
    }
    sink.format(match extension {
        "jar" | "war" | "ear" | "aar" => "jar",
        "apk" => "apk",
        _ if package.find("META-INF/container.xml").is_some() && package.find("mimetype").is_some() => "epub",
        _ => "zip",
    });
    for index in 0..package.len() {
        package.member(index, sink)?;
    }
    Ok(())
}

/// An opened zip with its names in order.
pub(super) struct Package<'a> {
    archive: ZipArchive<Box<dyn ReadSeek + 'a>>,
    budget: Rc<Budget>,
    names: Vec<String>,
    /// Lower-case name to index: OPC part names do not differ by case.
    index: HashMap<String, usize>,
}

/// A part that is being inflated, under the budget.
pub(super) type Part<'a, 'b> = Guarded<zip::read::ZipFile<'a, Box<dyn ReadSeek + 'b>>>;

impl<'a> Package<'a> {
    fn open(reader: Box<dyn ReadSeek + 'a>, budget: &Rc<Budget>) -> Result<Package<'a>, ZipError> {
        let archive = ZipArchive::new(reader)?;
        let mut names = Vec::with_capacity(archive.len());
        let mut index = HashMap::with_capacity(archive.len());
        for at in 0..archive.len() {
            let name = archive
                .by_index_data(at)
                .map(|entry| show_name(entry.name_raw(), entry.name().ok().as_deref()));
            let name = name.unwrap_or_default();
            index.entry(name.trim_start_matches('/').to_lowercase()).or_insert(at);
            names.push(name);
        }
        Ok(Package { archive, budget: Rc::clone(budget), names, index })
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Name of an entry, `/` as separator.
    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Whether an entry is a directory.
    pub(super) fn is_dir(&self, index: usize) -> bool {
        self.name(index).ends_with('/')
    }

    /// The entry of that name, whatever the case.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.index.get(&name.trim_start_matches('/').to_lowercase()).copied()
    }

    /// The budget of the entry this package belongs to.
    pub(super) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// The content of an entry.
    ///
    /// # Errors
    /// `encrypted`, `unsupported` or `damaged`, with the entry's name.
    pub(super) fn part(&mut self, index: usize) -> Result<Part<'_, 'a>, Unreadable> {
        let name = self.names.get(index).map_or("", String::as_str);
        let packed = match self.archive.by_index_data(index) {
            Ok(entry) if entry.encrypted() => {
                return Err(Unreadable::gap(GapReason::Encrypted, format!("password needed: {name}")));
            }
            Ok(entry) => {
                let method = entry.compression();
                if !matches!(
                    method,
                    CompressionMethod::Stored | CompressionMethod::Deflated | CompressionMethod::Deflate64
                ) {
                    return Err(Unreadable::gap(
                        GapReason::Unsupported,
                        format!("zip method {method}: {name}"),
                    ));
                }
                entry.compressed_size()
            }
            Err(error) => return Err(because(name, error)),
        };
        let file = self.archive.by_index(index).map_err(|error| because(name, error))?;
        Ok(self.budget.guard(file, packed))
    }

    /// The content of an XML part.
    ///
    /// # Errors
    /// As [`Package::part`].
    pub(super) fn xml(&mut self, index: usize) -> Result<Xml<Part<'_, 'a>>, Unreadable> {
        self.part(index).map(Xml::new)
    }

    /// The first bytes of an entry, at most `len`; empty when it cannot be read.
    pub(super) fn peek(&mut self, index: usize, len: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(part) = self.part(index) {
            // What was read before an error is enough to look at.
            let _ = part.take(len).read_to_end(&mut bytes);
        }
        bytes
    }

    /// Hands an entry to the sink as a document of its own. Directories give nothing.
    ///
    /// # Errors
    /// When the sink wants nothing more.
    pub(super) fn member(&mut self, index: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        if self.is_dir(index) {
            return Ok(());
        }
        let name = self.name(index).to_owned();
        let member = Member::named(&name);
        match self.part(index) {
            Ok(mut part) => sink.member(member, &mut part)?,
            Err(Unreadable::Stop) => return Err(Unreadable::Stop),
            Err(Unreadable::Gap { reason, detail }) => sink.unread_member(member, Gap::new(reason, detail)),
        }
        Ok(())
    }
}

fn because(name: &str, error: ZipError) -> Unreadable {
    match error {
        ZipError::Io(error) => error.into(),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Unreadable::gap(GapReason::Encrypted, format!("password needed: {name}"))
        }
        ZipError::UnsupportedArchive(what) => {
            Unreadable::gap(GapReason::Unsupported, format!("{what}: {name}"))
        }
        ZipError::CompressionMethodNotSupported(method) => {
            Unreadable::gap(GapReason::Unsupported, format!("zip method {method}: {name}"))
        }
        error => Unreadable::damaged(format!("{error}: {name}")),
    }
}

/// A name as it was meant: UTF-8 when it is valid UTF-8 (many writers forget the flag), else as the zip crate reads it
/// (code page 437), else byte by byte.
fn show_name(raw: &[u8], read: Option<&str>) -> String {
    let name = match (std::str::from_utf8(raw), read) {
        (Ok(name), _) => name.to_owned(),
        (Err(_), Some(name)) => name.to_owned(),
        (Err(_), None) => String::from_utf8_lossy(raw).into_owned(),
    };
    if name.contains('\\') && !name.contains('/') { name.replace('\\', "/") } else { name }
}

/// Follows local headers from the first byte on: for a broken directory, and for a zip inside a container that is too
/// large for memory.
fn salvage(stream: Box<dyn Read + '_>, budget: &Rc<Budget>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    while to_local_header(&mut stream)? {
        let mut header = [0u8; 26];
        if stream.read_exact(&mut header).is_err() {
            break;
        }
        let u16_at = |at: usize| {
            header
                .get(at..at + 2)
                .map_or(0, |bytes| bytes.iter().rev().fold(0u16, |sum, byte| sum << 8 | u16::from(*byte)))
        };
        let u32_at = |at: usize| u64::from(u16_at(at)) | u64::from(u16_at(at + 2)) << 16;
        let (flags, method) = (u16_at(2), u16_at(4));
        let mut packed = u32_at(14);
        let mut name = vec![0u8; usize::from(u16_at(22))];
        let mut extra = vec![0u8; usize::from(u16_at(24))];
        if stream.read_exact(&mut name).is_err() || stream.read_exact(&mut extra).is_err() {
            break;
        }
        if packed == u64::from(u32::MAX) {
            packed = zip64_packed(&extra).unwrap_or(packed);
        }
        let name = show_name(&name, None);
        if name.ends_with('/') {
            continue;
        }
        let member = Member::named(&name);
        let descriptor = flags & 8 != 0;
        match method {
            _ if flags & 1 != 0 => {
                sink.unread_member(member, Gap::new(GapReason::Encrypted, "password needed"));
                if !descriptor {
                    io::copy(&mut (&mut stream).take(packed), &mut io::sink())?;
                }
            }
            0 if !descriptor => {
                let mut content = (&mut stream).take(packed);
                stray(member, &mut content, budget, sink)?;
                io::copy(&mut content, &mut io::sink())?;
            }
            8 => {
                let known = if descriptor { 0 } else { packed };
                let mut content = budget.guard(flate2::bufread::DeflateDecoder::new(&mut stream), known);
                stray(member, &mut content, budget, sink)?;
                // The next header stands behind the packed data; broken data is the member's gap already.
                let _ = io::copy(&mut content, &mut io::sink());
            }
            _ => {
                let what = Method(method);
                sink.unread_member(member, Gap::new(GapReason::Unsupported, what.to_string()));
                if !descriptor {
                    io::copy(&mut (&mut stream).take(packed), &mut io::sink())?;
                }
            }
        }
        budget.charge(0)?;
    }
    Ok(())
}

/// A part of an Office package is read as what its path says; anything else is a member.
fn stray(
    member: Member<'_>,
    content: &mut dyn Read,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    match ooxml::read_stray(content, member.name, budget.limits.max_nesting, sink) {
        Ok(true) => Ok(()),
        Ok(false) => Ok(sink.member(member, content)?),
        Err(Unreadable::Gap { reason, detail })
            if !matches!(reason, GapReason::Timeout | GapReason::LimitSize) =>
        {
            sink.gap(Gap::new(reason, format!("{detail}: {}", member.name)));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

struct Method(u16);

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => f.write_str("stored without a length"),
            method => write!(f, "zip method {method}"),
        }
    }
}

/// Packed size from the ZIP64 extra field (id 1: unpacked size, then packed size).
fn zip64_packed(extra: &[u8]) -> Option<u64> {
    let mut rest = extra;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let [id, id_high, len, len_high] = *head;
        let len = usize::from(u16::from_le_bytes([len, len_high]));
        let field = after.get(..len)?;
        if u16::from_le_bytes([id, id_high]) == 1 {
            return field.get(8..16)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
        }
        rest = after.get(len..)?;
    }
    None
}

/// Reads on to behind the next local header signature; false at the end.
fn to_local_header(stream: &mut impl BufRead) -> io::Result<bool> {
    let mut last = 0u32;
    loop {
        let bytes = stream.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let found = bytes.iter().position(|byte| {
            last = last << 8 | u32::from(*byte);
            last == 0x504B_0304
        });
        let used = found.map_or(bytes.len(), |at| at + 1);
        stream.consume(used);
        if found.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::testing::{read_bytes, zip_of};
    use super::*;

    #[test]
    fn a_plain_archive_gives_its_entries() {
        let got = read_bytes(&Zip, "x.zip", &zip_of(&[("thư mục/", ""), ("thư mục/mật.txt", "abc")]));
        assert_eq!(got.format, Some("zip"));
        assert_eq!(got.members, [("thư mục/mật.txt".to_owned(), b"abc".to_vec())]);
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let mut bytes = zip_of(&[("a.txt", "abc"), ("b.txt", "abc")]);
        // General purpose flag bit 0 of the first entry, local and central; method 99 of the second.
        let find = |bytes: &[u8], signature: &[u8], nth: usize| {
            memchr::memmem::find_iter(bytes, signature).nth(nth).unwrap()
        };
        let central = find(&bytes, b"PK\x01\x02", 0);
        bytes[6] |= 1;
        bytes[central + 8] |= 1;
        let (local, central) = (find(&bytes, b"PK\x03\x04", 1), find(&bytes, b"PK\x01\x02", 1));
        bytes[local + 8] = 14;
        bytes[central + 10] = 14;
        let got = read_bytes(&Zip, "x.zip", &bytes);
        assert_eq!(
            got.unread,
            [("a.txt".to_owned(), GapReason::Encrypted), ("b.txt".to_owned(), GapReason::Unsupported)]
        );
        // The same without a directory.
        let got = read_bytes(&Zip, "x.zip", &bytes[..bytes.len() - 30]);
        assert_eq!(
            got.unread,
            [("a.txt".to_owned(), GapReason::Encrypted), ("b.txt".to_owned(), GapReason::Unsupported)]
        );
        assert_eq!(got.gaps.len(), 1);
    }

    #[test]
    fn the_archive_comment_is_text() {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.set_comment("TỐI MẬT").unwrap();
        writer.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"x").unwrap();
        let got = read_bytes(&Zip, "x.zip", &writer.finish().unwrap().into_inner());
        assert_eq!(got.of(Kind::Comment), ["TỐI MẬT"]);
    }

    #[test]
    fn names_in_any_bytes() {
        assert_eq!(show_name("mật".as_bytes(), Some("mß║¡t")), "mật");
        assert_eq!(show_name(b"a\\b\xff", None), "a/b\u{fffd}");
    }
}
