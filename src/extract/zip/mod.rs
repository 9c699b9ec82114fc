//! ZIP: the archive itself, and the door to the formats that are ZIP packages (OOXML, OpenDocument).
//!
//! In: a zip with random access, or as a stream when it lies in a container and is too large for memory. Out: one
//! member per entry, or whatever the package's own reader pushes. Entries that no password of the list opens, or that are
//! packed by a method we do not inflate, are members that say so. Directory entries give nothing of their own: their name is part of every
//! path below them. Without a usable central directory, or with one that would fill the memory, the local headers are
//! followed from the start.

mod crawl;
mod epub;
mod names;
mod salvage;

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use self::names::Names;
use self::salvage::salvage;
use super::codec;
use super::input::{Access, Input, ReadSeek};
use super::limits::{Budget, Guarded, Lease};
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

    /// WACZ keeps crawl files as they are.
    fn splits(&self, head: &Head<'_>) -> bool {
        head.extension == "wacz"
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        if let Some(part) = input.span() {
            return crawl::read_part(input, part, sink);
        }
        read_whole(input, sink)
    }
}

fn read_whole(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let budget = Rc::clone(input.budget());
    let extension = input.extension();
    match input.access()? {
        Access::Once(stream) => return salvage(stream, &budget, sink),
        Access::Random(mut reader) => match directory_memory(&mut reader) {
            // Nothing is lost by following the local headers of such an archive but the order of the directory.
            Some(memory) if memory > budget.room() => {}
            memory => match Package::open(reader, memory.unwrap_or(0), &budget) {
                Ok(package) => return read_package(package, &extension, sink),
                Err(error) => {
                    sink.gap(Gap::new(GapReason::Damaged, format!("central directory: {error}")));
                }
            },
        },
    }
    salvage(input.stream()?, &budget, sink)
}

fn read_package(mut package: Package<'_>, extension: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    tell_archive(&package, sink)?;
    if package.find("[Content_Types].xml").is_some() && ooxml::read(&mut package, sink)? {
        return Ok(());
    }
    if odf::is_odf(&mut package) {
        return odf::read(&mut package, sink);
    }
    let is_epub = epub::is_epub(&package);
    sink.format(match extension {
        "jar" | "war" | "ear" | "aar" => "jar",
        "apk" => "apk",
        _ if is_epub => "epub",
        _ => "zip",
    });
    let order = if is_epub { epub::order(&mut package, sink)? } else { (0..package.len()).collect() };
    for index in order {
        package.member_comment(index, sink)?;
        package.member(index, sink)?;
    }
    Ok(())
}

/// What is to be said of the archive itself.
fn tell_archive(package: &Package<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    if package.archive.has_duplicate_names() {
        // The zip crate keeps the last of them.
        sink.gap(Gap::new(GapReason::Damaged, "several entries of the same name, only the last was read"));
    }
    let comment = String::from_utf8_lossy(package.archive.comment()).into_owned();
    if !comment.trim().is_empty() {
        sink.segment(Segment::new(&comment, Place::new(Kind::Comment).named("archive comment")))?;
    }
    Ok(())
}

/// Bytes that the directory of an archive takes in memory, from the number of entries that its end record tells
/// (APPNOTE 4.3.16, 4.3.14); `None` when there is no such record.
fn directory_memory(reader: &mut Box<dyn ReadSeek + '_>) -> Option<u64> {
    /// Measured: 1,000,000 entries of 12 letters took 640 MB.
    const PER_ENTRY: u64 = 640;
    const END: usize = 22;
    let len = reader.seek(SeekFrom::End(0)).ok()?;
    let mut tail = Vec::new();
    let mut found = None;
    // Most archives have no comment, and those that have may have one of 64 KB.
    for most in [END as u64 + 76, u64::from(u16::MAX) + END as u64 + 76] {
        let tail_len = len.min(most);
        reader.seek(SeekFrom::Start(len - tail_len)).ok()?;
        tail.clear();
        (&mut *reader).take(tail_len).read_to_end(&mut tail).ok()?;
        found = memchr::memmem::rfind(&tail, b"PK\x05\x06").filter(|end| end + END <= tail.len());
        // A count that is full stands in another record, which may lie further away.
        if found.is_some_and(|end| tail.get(end + 10..end + 12) != Some(&[0xFF, 0xFF])) {
            break;
        }
    }
    reader.seek(SeekFrom::Start(0)).ok()?;
    let end = found?;
    let count = tail.get(end + 10..end + 12)?.first_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes))?;
    let mut entries = u64::from(count);
    if let Some(end) = memchr::memmem::rfind(tail.get(..end)?, b"PK\x06\x06") {
        let count = tail.get(end + 32..end + 40)?.first_chunk::<8>()?;
        entries = entries.max(u64::from_le_bytes(*count));
    }
    // An entry of the directory is never shorter than 46 bytes: a lying count is not believed.
    Some(entries.min(len / 46).saturating_mul(PER_ENTRY))
}

/// An opened zip with its names in order.
pub(super) struct Package<'a> {
    archive: ZipArchive<Box<dyn ReadSeek + 'a>>,
    budget: Rc<Budget>,
    names: Vec<String>,
    /// Lower-case name to index: OPC part names do not differ by case.
    index: HashMap<String, usize>,
    /// Entries whose data reaches into the next entry, with the bytes that are their own: what makes a bomb of a
    /// small archive (Fifield, "A better zip bomb", 2019), or a directory that lies about sizes.
    overlapping: HashMap<usize, u64>,
    /// Overlapping entries that were opened.
    overlaps_read: HashSet<usize>,
    /// The password of the list that opened an entry last: most archives have one.
    password: Option<usize>,
    _directory: Lease,
}

/// So many overlapping entries are read, each under the ratio of its own share. A lying directory of a document has a
/// few; a bomb has thousands.
const MAX_OVERLAPPING: usize = 16;

/// Bytes of an entry that must unpack for a password to fit; short entries are read to their checksum.
const PROBE: u64 = 64 << 10;

/// A part that is being inflated, under the budget.
pub(super) type Part<'a, 'b> = Guarded<Content<'a, 'b>>;

/// Unpacks an entry.
pub(super) enum Content<'a, 'b> {
    /// Methods that the zip crate reads, with their checksum.
    Plain(zip::read::ZipFile<'a, Box<dyn ReadSeek + 'b>>),
    /// Methods of [`codec`].
    Other(Box<dyn Read + 'a>),
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Content::Plain(file) => file.read(buf),
            Content::Other(reader) => reader.read(buf),
        }
    }
}

impl<'a> Package<'a> {
    fn open(
        reader: Box<dyn ReadSeek + 'a>,
        memory: u64,
        budget: &Rc<Budget>,
    ) -> Result<Package<'a>, ZipError> {
        let lease = budget.hold(memory);
        let archive = ZipArchive::new(reader)?;
        let decoder = Names::of((0..archive.len()).filter_map(|at| {
            let entry = archive.by_index_data(at).ok()?;
            // Flag bit 11: the writer says UTF-8. Such a name needs no guessing, whatever it is.
            Some(entry.name_raw().to_vec())
        }));
        let mut names = Vec::with_capacity(archive.len());
        let mut index = HashMap::with_capacity(archive.len());
        let mut starts = Vec::with_capacity(archive.len());
        for at in 0..archive.len() {
            let mut name = String::new();
            if let Ok(entry) = archive.by_index_data(at) {
                name = decoder.show(entry.name_raw(), entry.name().ok().as_deref());
                let header = 30 + entry.name_raw().len() as u64;
                starts.push((entry.header_start(), header + entry.compressed_size(), at));
            }
            index.entry(name.trim_start_matches('/').to_lowercase()).or_insert(at);
            names.push(name);
        }
        starts.sort_unstable();
        let mut overlapping = HashMap::new();
        for pair in starts.windows(2) {
            if let [(start, len, at), (next, _, _)] = *pair
                && start.saturating_add(len) > next
            {
                overlapping.insert(at, next - start);
            }
        }
        Ok(Package {
            archive,
            budget: Rc::clone(budget),
            names,
            index,
            overlapping,
            overlaps_read: HashSet::new(),
            password: None,
            _directory: lease,
        })
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
        let is_encrypted = self.archive.by_index_data(index).is_ok_and(|entry| entry.encrypted());
        let password = if is_encrypted { self.password(index) } else { None };
        let name = self.names.get(index).map_or("", String::as_str);
        let (method, mut packed, size) = match self.archive.by_index_data(index) {
            Ok(_) if is_encrypted && password.is_none() => {
                return Err(Unreadable::gap(GapReason::Encrypted, format!("password needed: {name}")));
            }
            Ok(entry) => (entry.compression(), entry.compressed_size(), entry.size()),
            Err(error) => return Err(because(name, error)),
        };
        if let Some(own) = self.overlapping.get(&index) {
            packed = packed.min((*own).max(1));
            self.overlaps_read.insert(index);
            if self.overlaps_read.len() > MAX_OVERLAPPING {
                let detail = format!("shares its data with many other entries: {name}");
                return Err(Unreadable::gap(GapReason::LimitRatio, detail));
            }
        }
        if let Some(password) = password {
            let opened = self.archive.by_index_decrypt(index, password.as_bytes());
            let content = Content::Plain(opened.map_err(|error| because(name, error))?);
            return Ok(self.budget.guard(content, packed));
        }
        let content = match method {
            CompressionMethod::Stored | CompressionMethod::Deflated | CompressionMethod::Deflate64 => {
                Content::Plain(self.archive.by_index(index).map_err(|error| because(name, error))?)
            }
            method => {
                let number = number(method);
                let raw = self.archive.by_index_raw(index).map_err(|error| because(name, error))?;
                match unpack(number, raw, Some(size), &self.budget)? {
                    Some(reader) => Content::Other(reader),
                    None => return Err(unread_method(number, name)),
                }
            }
        };
        Ok(self.budget.guard(content, packed))
    }

    /// The password of the list that opens an encrypted entry: ZipCrypto (APPNOTE 6) or WinZip's AES. Of the first a
    /// single byte tells a wrong password, so some of the content is unpacked, too.
    fn password(&mut self, index: usize) -> Option<String> {
        let budget = Rc::clone(&self.budget);
        let all = budget.passwords();
        for number in self.password.into_iter().chain(0..all.len()) {
            let password = all.get(number).filter(|_| !budget.is_late())?;
            let Ok(file) = self.archive.by_index_decrypt(index, password.as_bytes()) else { continue };
            if io::copy(&mut file.take(PROBE), &mut io::sink()).is_ok() {
                self.password = Some(number);
                return Some(password.clone());
            }
        }
        None
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

    /// Pushes the comment of an entry, if it has one.
    ///
    /// # Errors
    /// When the sink wants nothing more.
    fn member_comment(&mut self, index: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let comment = match self.archive.by_index_data(index) {
            Ok(entry) if !entry.comment().trim().is_empty() => names::comment(entry.comment()),
            _ => return Ok(()),
        };
        let name = self.name(index);
        Ok(sink.segment(Segment::new(&comment, Place::new(Kind::Comment).named(name)))?)
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

/// The number of a method as the headers have it (APPNOTE 4.4.5).
#[expect(deprecated, reason = "the crate has no other way to the number of a method it was not built with")]
fn number(method: CompressionMethod) -> u16 {
    match method {
        CompressionMethod::Unsupported(number) => number,
        CompressionMethod::Deflate64 => 9,
        CompressionMethod::Deflated => 8,
        _ => 0,
    }
}

/// The content of an entry packed by a method that the zip crate was not built with; `None` when nobody reads it.
/// `size` is the declared length, where it is known.
fn unpack<'r>(
    method: u16,
    raw: impl Read + 'r,
    size: Option<u64>,
    budget: &Rc<Budget>,
) -> io::Result<Option<Box<dyn Read + 'r>>> {
    Ok(Some(match method {
        12 => Box::new(codec::bzip2(raw, budget)?),
        14 => Box::new(codec::lzma_of_zip(raw, size, budget)?),
        20 | 93 => Box::new(codec::zstd(raw, budget)),
        95 => Box::new(codec::xz(raw, budget)?),
        // The end is told by the length only (APPNOTE 5.10.4 leaves the end mark out).
        98 => Box::new(codec::ppmd8(raw, budget)?.take(size.unwrap_or(u64::MAX))),
        _ => return Ok(None),
    }))
}

fn unread_method(method: u16, name: &str) -> Unreadable {
    let known = match method {
        1 => " (shrink)",
        2..=5 => " (reduce)",
        6 => " (implode)",
        96 => " (JPEG)",
        97 => " (WavPack)",
        99 => return Unreadable::gap(GapReason::Encrypted, format!("password needed: {name}")),
        _ => "",
    };
    Unreadable::gap(GapReason::Unsupported, format!("zip method {method}{known}: {name}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::limits::Limits;
    use super::super::testing::{Record, read_bytes, zip_of};
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
        // General purpose flag bit 0 of the first entry, local and central; method 6 (implode) of the second.
        let find = |bytes: &[u8], signature: &[u8], nth: usize| {
            memchr::memmem::find_iter(bytes, signature).nth(nth).unwrap()
        };
        let central = find(&bytes, b"PK\x01\x02", 0);
        bytes[6] |= 1;
        bytes[central + 8] |= 1;
        let (local, central) = (find(&bytes, b"PK\x03\x04", 1), find(&bytes, b"PK\x01\x02", 1));
        bytes[local + 8] = 6;
        bytes[central + 10] = 6;
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
    fn encrypted_entries_open_with_a_password_of_the_list() {
        for (bytes, how) in [
            (&include_bytes!("../../../fixtures/zip/encrypted-zipcrypto.zip")[..], "Info-ZIP"),
            (include_bytes!("../../../fixtures/zip/encrypted-aes.zip"), "pyzipper"),
        ] {
            let read = |passwords: &[&str]| {
                let passwords: Vec<String> = passwords.iter().map(|&one| one.to_owned()).collect();
                let budget = Budget::with_passwords(Limits::default(), None, &passwords);
                let mut record = Record::default();
                Zip.read(&mut Input::from_bytes("x.zip", bytes, &budget), &mut record).unwrap();
                (record.members.len(), record.unread.len())
            };
            assert_eq!(read(&[]), (0, 1), "{how}");
            assert_eq!(read(&["wrong", "sai"]), (0, 1), "{how}");
            assert_eq!(read(&["wrong", "orla"]), (1, 0), "{how}");
        }
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
}
