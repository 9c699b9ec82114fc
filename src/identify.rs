//! What a document is, by content before name.
//!
//! In: its first bytes, extension and declared type. Out: the reader that takes it, or that it is a known medium
//! without text, or that nobody here reads it. Left out: formats that show only inside (docx in zip); their reader
//! refines the name.

use crate::extract::{FORMATS, Format, Head, Input};
use crate::model::SkipReason;

/// What is to be done with a document.
#[derive(Clone, Copy)]
pub enum Identity {
    /// Read it.
    Read(&'static dyn Format),
    /// Leave it out: a known medium without text. The name is the format's.
    Skip(SkipReason, &'static str),
    /// There is nothing to read, and so everything was read.
    Empty,
    /// Nobody reads it. The name is the format's, or `unknown`.
    Unsupported(&'static str),
}

impl Identity {
    /// Short lower-case name of the format, as shown in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Identity::Read(format) => format.name(),
            Identity::Skip(_, name) | Identity::Unsupported(name) => name,
            Identity::Empty => "empty",
        }
    }
}

/// Says what a document is.
#[must_use]
pub fn identify(input: &Input<'_>) -> Identity {
    if input.is_empty() {
        return Identity::Empty;
    }
    let extension = input.extension();
    let head = Head { bytes: input.head(), extension: &extension, media: input.media() };
    // Readers first, plain text last among them: text that begins with the letters of a signature (`OTTO`, `ID3`)
    // is still text, and nobody may hide a document behind four letters.
    match FORMATS.iter().find(|format| format.matches(&head)) {
        Some(format) => Identity::Read(*format),
        None => by_signature(head.bytes),
    }
}

/// Names of the formats that are recognised and not read.
#[must_use]
pub fn unread_formats() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for signature in SIGNATURES {
        if let Identity::Unsupported(name) = signature.identity
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    names
}

/// Whether a document can be read in parts.
#[must_use]
pub fn splits(input: &Input<'_>) -> bool {
    let extension = input.extension();
    let head = Head { bytes: input.head(), extension: &extension, media: input.media() };
    matches!(identify(input), Identity::Read(format) if format.splits(&head))
}

/// A pattern at an offset of the first bytes, and what it says.
struct Signature {
    at: usize,
    bytes: &'static [u8],
    identity: Identity,
}

const fn skip(at: usize, bytes: &'static [u8], reason: SkipReason, name: &'static str) -> Signature {
    Signature { at, bytes, identity: Identity::Skip(reason, name) }
}

const fn unread(at: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { at, bytes, identity: Identity::Unsupported(name) }
}

use SkipReason::{Audio, Executable, Font, MachineData, Video};

/// Formats that no reader takes. The first that fits counts, so the longer patterns stand before the shorter.
/// Sources: the formats' own descriptions and file(1)'s magic; all are older than their registration in IANA's list.
static SIGNATURES: &[Signature] = &[
    // Sound.
    skip(0, b"ID3", Audio, "mp3"),
    skip(0, b"fLaC", Audio, "flac"),
    skip(28, b"\x01vorbis", Audio, "ogg"),
    skip(28, b"OpusHead", Audio, "ogg"),
    skip(28, b"\x7fFLAC", Audio, "ogg"),
    skip(28, b"Speex   ", Audio, "ogg"),
    skip(8, b"WAVEfmt ", Audio, "wav"),
    skip(8, b"AIFF", Audio, "aiff"),
    skip(8, b"AIFC", Audio, "aiff"),
    skip(4, b"ftypM4A", Audio, "m4a"),
    skip(4, b"ftypM4B", Audio, "m4a"),
    skip(0, b"MThd\0\0\0\x06", Audio, "midi"),
    skip(0, b"#!AMR", Audio, "amr"),
    skip(0, b".snd\0\0\0", Audio, "au"),
    skip(0, b"MAC \x96\x0f", Audio, "ape"),
    skip(0, b"wvpk", Audio, "wavpack"),
    skip(0, b"\xFF\xFB", Audio, "mp3"),
    skip(0, b"\xFF\xFA", Audio, "mp3"),
    skip(0, b"\xFF\xF3", Audio, "mp3"),
    skip(0, b"\xFF\xF2", Audio, "mp3"),
    skip(0, b"\xFF\xF1", Audio, "aac"),
    skip(0, b"\xFF\xF9", Audio, "aac"),
    // Moving pictures. Subtitles inside are not read; the contract counts video as a medium without text.
    skip(28, b"\x80theora", Video, "ogv"),
    skip(8, b"AVI LIST", Video, "avi"),
    skip(4, b"ftypqt  ", Video, "mov"),
    skip(4, b"ftypisom", Video, "mp4"),
    skip(4, b"ftypiso2", Video, "mp4"),
    skip(4, b"ftypiso4", Video, "mp4"),
    skip(4, b"ftypiso5", Video, "mp4"),
    skip(4, b"ftypiso6", Video, "mp4"),
    skip(4, b"ftypmp41", Video, "mp4"),
    skip(4, b"ftypmp42", Video, "mp4"),
    skip(4, b"ftypavc1", Video, "mp4"),
    skip(4, b"ftypdash", Video, "mp4"),
    skip(4, b"ftypM4V", Video, "mp4"),
    skip(4, b"ftypMSNV", Video, "mp4"),
    skip(4, b"ftyp3g", Video, "3gp"),
    skip(4, b"moov\0\0\0", Video, "mov"),
    skip(4, b"mdat", Video, "mov"),
    skip(0, b"\x1A\x45\xDF\xA3", Video, "matroska"),
    skip(0, b"FLV\x01", Video, "flv"),
    skip(0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\0\xAA\0\x62\xCE\x6C", Video, "wmv"),
    skip(0, b"\0\0\x01\xBA", Video, "mpeg"),
    skip(0, b"\0\0\x01\xB3", Video, "mpeg"),
    skip(0, b".RMF\0\0\0", Video, "realmedia"),
    // Fonts.
    skip(0, b"\0\x01\0\0\0", Font, "ttf"),
    skip(0, b"true\0", Font, "ttf"),
    skip(0, b"OTTO\0", Font, "otf"),
    skip(0, b"ttcf\0", Font, "ttc"),
    skip(0, b"wOFF", Font, "woff"),
    skip(0, b"wOF2", Font, "woff2"),
    skip(34, b"LP\0\0\0", Font, "eot"),
    skip(0, b"\x80\x01", Font, "pfb"),
    skip(0, b"\x01fcp", Font, "pcf"),
    // Programs, libraries, byte code.
    skip(0, b"\x7fELF", Executable, "elf"),
    skip(0, b"MZ", Executable, "pe"),
    skip(0, b"\xFE\xED\xFA\xCE", Executable, "mach-o"),
    skip(0, b"\xFE\xED\xFA\xCF", Executable, "mach-o"),
    skip(0, b"\xCE\xFA\xED\xFE", Executable, "mach-o"),
    skip(0, b"\xCF\xFA\xED\xFE", Executable, "mach-o"),
    skip(0, b"\xCA\xFE\xBA\xBE", Executable, "class"),
    skip(0, b"\0asm", Executable, "wasm"),
    skip(0, b"!<arch>\n", Executable, "ar"),
    skip(0, b"dex\n03", Executable, "dex"),
    skip(0, b"BC\xC0\xDE", Executable, "llvm"),
    skip(2, b"\r\n\0\0\0\0", Executable, "pyc"),
    skip(2, b"\r\n\x01\0\0\0", Executable, "pyc"),
    skip(2, b"\r\n\x03\0\0\0", Executable, "pyc"),
    // Machine data known to hold no document text as such; packs hold it compressed and are not skipped.
    skip(0, b"DIRC\0\0\0", MachineData, "git-index"),
    skip(0, b"\xFFtOc\0\0\0", MachineData, "git-pack-index"),
    skip(0, b"TZif", MachineData, "tzif"),
    skip(0, b"\xDE\x12\x04\x95", MachineData, "mo"),
    skip(0, b"rust\0\0\0", MachineData, "rust-metadata"),
    // Known, may hold text, read by nobody yet.
    unread(0, b"\x60\xEA", "arj"),
    unread(0, b"xar!\0", "xar"),
    unread(0, b"\xED\xAB\xEE\xDB", "rpm"),
    unread(0, b"MSWIM\0\0\0", "wim"),
    unread(2, b"-lh", "lha"),
    unread(0, b"ITOLITLS", "lit"),
    unread(0, b"AT&TFORM", "djvu"),
    unread(0, b"\xC5\xD0\xD3\xC6", "eps"),
    unread(0, b"AC10", "dwg"),
    unread(0, b"\0\x01\0\0Standard Jet DB", "mdb"),
    unread(0, b"\0\x01\0\0Standard ACE DB", "accdb"),
    unread(0, b"PAR1", "parquet"),
    unread(0, b"ORC", "orc"),
    unread(0, b"Obj\x01", "avro"),
    unread(0, b"ARROW1\0", "arrow"),
    unread(0, b"\x89HDF\r\n\x1A\n", "hdf5"),
    unread(0, b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D", "onenote"),
    unread(0, b"FWS", "flash"),
    unread(0, b"CWS", "flash"),
    unread(60, b"BOOKMOBI", "mobi"),
    unread(60, b"TEXtREAd", "palmdoc"),
    unread(128, b"DICM", "dicom"),
    unread(0, b"\x78\x9F\x3E\x22", "tnef"),
    unread(0, b"\xFFWPC", "wordperfect"),
    unread(0, b"\x0E\x11\xFC\x0D\xD0\xCF\x11\x0E", "ole2-beta"),
    unread(0, b"PACK\0\0\0", "git-pack"),
    unread(0, b"NES\x1A", "rom"),
    unread(0, b"KDMV", "vmdk"),
    unread(0, b"QFI\xFB", "qcow2"),
    unread(0, b"conectix", "vhd"),
    unread(0, b"vhdxfile", "vhdx"),
    unread(0, b"LUKS\xBA\xBE", "luks"),
    unread(0, b"\x1F\x8B", "gzip"),
];

fn by_signature(head: &[u8]) -> Identity {
    SIGNATURES
        .iter()
        .find(|signature| head.get(signature.at..).is_some_and(|rest| rest.starts_with(signature.bytes)))
        .map_or(Identity::Unsupported("unknown"), |signature| signature.identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::limits::{Budget, Limits};

    fn of(name: &str, bytes: &[u8]) -> (String, Option<SkipReason>) {
        let budget = Budget::new(Limits::default());
        let identity = identify(&Input::from_bytes(name, bytes, &budget));
        let reason = if let Identity::Skip(reason, _) = identity { Some(reason) } else { None };
        (identity.name().to_owned(), reason)
    }

    #[test]
    fn content_counts_before_the_name() {
        assert_eq!(of("a.png", b"<!DOCTYPE html><p>x"), ("html".into(), None));
        assert_eq!(
            of("a.txt", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"),
            ("elf".into(), Some(Executable))
        );
        assert_eq!(of("a.bin", b"\0\x01\0\0Standard Jet DB\0\0\0\0\0\0\0\0"), ("mdb".into(), None));
        assert_eq!(of("a", b"\x01\0\x02\0\x03\0\0\0\0\xFF"), ("unknown".into(), None));
    }

    #[test]
    fn text_cannot_hide_behind_a_signature() {
        for start in ["ID3", "fLaC", "OTTO", "MZ", "wOFF", "BZh9", "!<arch>\n"] {
            assert_eq!(of("a.mp3", format!("{start} TUYỆT MẬT\n").as_bytes()).0, "text");
        }
    }

    #[test]
    fn an_access_file_is_no_font() {
        assert_eq!(of("a.ttf", b"\0\x01\0\0\0\x0c\0\x80\0\x03\0\x40").1, Some(Font));
    }
}
