//! Readers of formats: bytes in, segments with their place out.
//!
//! A reader pushes what it finds into a [`Sink`]: segments, members (documents inside this one), gaps. It never
//! spawns threads, prints or matches. Depth, time and size are the sink's and the [`Budget`](limits::Budget)'s
//! business. Adding a format is one file and one line in [`FORMATS`].

mod base64;
mod cab;
mod charset;
mod chm;
mod codec;
mod eml;
mod field;
mod gz;
mod heads;
mod html;
mod image;
pub mod input;
mod ipynb;
mod iso;
pub mod limits;
mod look;
mod lzx;
mod mapi;
mod metafile;
mod notation;
mod odf;
mod ole;
mod ooxml;
mod packed;
mod pdf;
mod plain_archives;
mod postscript;
mod pst;
mod rar;
mod rtf;
mod sevenz;
mod sfx;
mod smime;
mod sqlite;
mod style_names;
mod tar;
#[cfg(test)]
mod testing;
mod text;
mod tnef;
mod warc;
mod workbook;
mod xml;
mod zip;

use std::io::Read;

pub(crate) use html::percent_decoded;
pub use input::{Input, Window};
use limits::LimitReached;

use crate::model::{Gap, GapReason, Seam, Segment, SkipReason, Span};

/// All formats that are read, asked in this order: the first whose `matches` says yes reads the document.
/// Formats with a signature stand before formats that are told by their look; plain text is last.
pub static FORMATS: &[&dyn Format] = &[
    &pdf::Pdf,
    &zip::Zip,
    &warc::Warc,
    &ole::Ole,
    &ole::Biff,
    &pst::Pst,
    &gz::Gz,
    &sevenz::SevenZ,
    &sqlite::Sqlite,
    &chm::Chm,
    &sfx::Sfx,
    &rar::Rar,
    &cab::Cab,
    &plain_archives::Cpio,
    &plain_archives::Ar,
    &iso::Iso,
    &packed::BZIP2,
    &packed::XZ,
    &packed::ZSTD,
    &packed::LZ4,
    &packed::LZIP,
    &packed::COMPRESS,
    &packed::LZMA,
    &tar::Tar,
    &rtf::Rtf,
    &tnef::Tnef,
    &smime::Smime,
    &image::Image,
    &postscript::PostScript,
    &metafile::Metafile,
    &odf::FlatOdf,
    &ipynb::Notebook,
    &eml::Mbox,
    &eml::Emlx,
    &eml::Eml,
    &eml::Letters,
    &html::Html,
    &notation::BinaryPlist,
    &notation::XML,
    &notation::JSON,
    &notation::CSV,
    &notation::SQL,
    &notation::CARDS,
    &notation::LATEX,
    &notation::SUBTITLES,
    &notation::ESCAPED,
    &text::Text,
];

/// What identification may look at.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// First bytes of the document, [`input::HEAD`] at most.
    pub bytes: &'a [u8],
    /// Its extension, lower case; may lie.
    pub extension: &'a str,
    /// Media type declared by the container; may lie.
    pub media: Option<&'a str>,
}

/// A reader of one file format.
pub trait Format: Sync {
    /// Short lower-case name, as shown in records.
    fn name(&self) -> &'static str;

    /// Extensions that go with the format; another extension is noted as a fact. Empty: any.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether these bytes are of this format. Content counts before the name.
    fn matches(&self, head: &Head<'_>) -> bool;

    /// Whether a document that begins so can be read in parts: [`Format::read`] then obeys [`Input::span`].
    fn splits(&self, _head: &Head<'_>) -> bool {
        false
    }

    /// Pushes everything readable into `sink`.
    ///
    /// # Errors
    /// Why nothing more could be read. What was pushed before stays valid.
    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable>;
}

/// What a container knows of a document inside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Member<'a> {
    /// Name as the container gives it, `/` as separator.
    pub name: &'a str,
    /// Declared media type.
    pub media: Option<&'a str>,
    /// Declared charset.
    pub charset: Option<&'a str>,
}

impl<'a> Member<'a> {
    /// A member of which only the name is known.
    #[must_use]
    pub fn named(name: &'a str) -> Member<'a> {
        Member { name, ..Member::default() }
    }
}

/// Takes what a reader finds. Implemented by the scan (which finds and judges) and by the `extract` command.
pub trait Sink {
    /// Takes a piece of text.
    ///
    /// # Errors
    /// [`Stop`] when nothing more is wanted; the sink has noted why.
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop>;

    /// Takes a document inside this one and reads it through the same door. An error while reading `content` becomes
    /// a gap of that member, not of this document.
    ///
    /// # Errors
    /// [`Stop`] when nothing more is wanted; the sink has noted why.
    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop>;

    /// The same for a document that lies in memory.
    ///
    /// # Errors
    /// As [`Sink::member`].
    fn member_in_memory(&mut self, member: Member<'_>, content: &[u8]) -> Result<(), Stop> {
        self.member(member, &mut &*content)
    }

    /// The same for a document that lies unpacked in the file at hand, of which a part is to be read: see [`Format::splits`].
    /// Gives what [`Input::seam`] says afterwards.
    ///
    /// # Errors
    /// As [`Sink::member`].
    fn member_part(
        &mut self,
        member: Member<'_>,
        mut window: Window<'_>,
        _part: Span,
    ) -> Result<Option<Seam>, Stop> {
        self.member(member, &mut window).map(|()| None)
    }

    /// Notes something of the member that comes next, such as the date of its capture.
    fn about_next(&mut self, _code: &'static str, _value: String) {}

    /// Says on which slide of this document, from 1, the member that comes next lies. Places in it that know no slide get this one.
    fn next_on_slide(&mut self, _slide: Option<u32>) {}

    /// Notes that the document `name` inside this one has the same content as the member `first` that was read.
    ///
    /// # Errors
    /// [`Stop`] when nothing more is wanted; the sink has noted why.
    fn repeated(&mut self, _name: &str, _first: &str) -> Result<(), Stop> {
        Ok(())
    }

    /// Notes a document inside this one that cannot be read, such as an encrypted archive member.
    fn unread_member(&mut self, member: Member<'_>, gap: Gap);

    /// Notes a spot that could not be read.
    fn gap(&mut self, gap: Gap);

    /// Notes something that is neither text nor a gap, such as a page count.
    fn fact(&mut self, code: &'static str, value: String);

    /// Says that the document is a known medium without text after all, which showed only inside.
    fn skip(&mut self, reason: SkipReason);

    /// Names the format more closely than identification could: the zip reader finds a docx.
    fn format(&mut self, name: &'static str);
}

/// A sink that changes segments on their way to another one; everything else goes on as it came.
trait Relay {
    /// Where it goes on to.
    fn inner(&mut self) -> &mut dyn Sink;

    /// Takes a segment and gives [`Relay::inner`] what becomes of it.
    fn relay(&mut self, segment: Segment<'_>) -> Result<(), Stop>;
}

impl<T: Relay> Sink for T {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        self.relay(segment)
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        self.inner().member(member, content)
    }

    fn member_in_memory(&mut self, member: Member<'_>, content: &[u8]) -> Result<(), Stop> {
        self.inner().member_in_memory(member, content)
    }

    fn member_part(
        &mut self,
        member: Member<'_>,
        window: Window<'_>,
        part: Span,
    ) -> Result<Option<Seam>, Stop> {
        self.inner().member_part(member, window, part)
    }

    fn about_next(&mut self, code: &'static str, value: String) {
        self.inner().about_next(code, value);
    }

    fn next_on_slide(&mut self, slide: Option<u32>) {
        self.inner().next_on_slide(slide);
    }

    fn repeated(&mut self, name: &str, first: &str) -> Result<(), Stop> {
        self.inner().repeated(name, first)
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.inner().unread_member(member, gap);
    }

    fn gap(&mut self, gap: Gap) {
        self.inner().gap(gap);
    }

    fn fact(&mut self, code: &'static str, value: String) {
        self.inner().fact(code, value);
    }

    fn skip(&mut self, reason: SkipReason) {
        self.inner().skip(reason);
    }

    fn format(&mut self, name: &'static str) {
        self.inner().format(name);
    }
}

/// The sink wants nothing more of this document. The sink has noted the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// Why a document, or the rest of it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// For a reason that the ledger shows.
    #[error("{}: {detail}", reason.as_str())]
    Gap {
        /// Reason as the contract names it.
        reason: GapReason,
        /// What exactly, in a few words without the document's text.
        detail: String,
    },
    /// The sink said stop; nothing to add.
    #[error("stopped")]
    Stop,
}

impl Unreadable {
    /// A reason with its detail.
    #[must_use]
    pub fn gap(reason: GapReason, detail: impl Into<String>) -> Unreadable {
        Unreadable::Gap { reason, detail: detail.into() }
    }

    /// The bytes break the format's rules.
    #[must_use]
    pub fn damaged(detail: impl Into<String>) -> Unreadable {
        Unreadable::gap(GapReason::Damaged, detail)
    }
}

impl From<Stop> for Unreadable {
    fn from(_: Stop) -> Unreadable {
        Unreadable::Stop
    }
}

impl From<LimitReached> for Unreadable {
    fn from(limit: LimitReached) -> Unreadable {
        Unreadable::gap(limit.reason, limit.to_string())
    }
}

impl From<std::io::Error> for Unreadable {
    /// A limit that travelled inside the error keeps its name; broken compressed data is `damaged`; the rest is `io`.
    fn from(error: std::io::Error) -> Unreadable {
        use std::io::ErrorKind;
        if let Some(limit) = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitReached>()) {
            return (*limit).into();
        }
        let reason = match error.kind() {
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => GapReason::Damaged,
            ErrorKind::PermissionDenied => GapReason::Permission,
            ErrorKind::Unsupported => GapReason::Unsupported,
            _ => GapReason::Io,
        };
        Unreadable::gap(reason, error.to_string())
    }
}

impl From<Unreadable> for Option<Gap> {
    fn from(unreadable: Unreadable) -> Option<Gap> {
        match unreadable {
            Unreadable::Gap { reason, detail } => Some(Gap::new(reason, detail)),
            Unreadable::Stop => None,
        }
    }
}
