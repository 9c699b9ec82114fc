//! RAR 1.5 to 7, with the `rars` crate.
//!
//! In: an archive; a file is read where it lies, else it is held in memory. Out: one member per file. The crate pushes
//! bytes where our members pull them, so a member is held while it is unpacked, under the entry's memory; a larger one
//! is `limit-size`. Left out: passwords (`encrypted`), members that continue in another volume (`unsupported`).

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use rars::{
    ArchiveMember, ArchiveReadOptions, ArchiveReader, Error, ErrorKind, ExtractionDecision,
    ExtractionErrorAction,
};

use super::input::Input;
use super::limits::{Budget, Lease, LimitReached};
use super::{Format, Head, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of RAR archives.
pub(super) struct Rar;

/// Headers of one archive; each is a file, directory or comment.
const MAX_HEADERS: u64 = 200_000;
const MAX_HEADER_BYTES: u64 = 32 << 20;

impl Format for Rar {
    fn name(&self) -> &'static str {
        "rar"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["rar", "cbr", "rev"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"Rar!\x1A\x07\0") || head.bytes.starts_with(b"Rar!\x1A\x07\x01\0")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let options = ArchiveReadOptions::new()
            .with_max_header_count(MAX_HEADERS)
            .with_max_header_bytes(MAX_HEADER_BYTES);
        let packed = input.len().unwrap_or(0);
        let (archive, _lease) = match input.file() {
            Some(file) => (ArchiveReader::read_reader_with_options(file, options), None),
            None => {
                let room = budget.room();
                let mut bytes = Vec::new();
                input.stream()?.take(room).read_to_end(&mut bytes)?;
                if bytes.len() as u64 == room {
                    return Err(Unreadable::gap(GapReason::LimitSize, "larger than can be held in memory"));
                }
                let lease = budget.hold(bytes.len() as u64);
                (ArchiveReader::read_owned_with_options(bytes, options), Some(lease))
            }
        };
        let archive = archive.map_err(|error| because(&error))?;
        read_members(&archive, packed, &budget, sink)
    }
}

fn read_members(
    archive: &rars::Archive,
    packed: u64,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    // Half of the room for the decoder, the other half for the member that it fills.
    let workspace = budget.room() / 2;
    let options = ArchiveReadOptions::new()
        .with_max_reader_workspace_bytes(workspace)
        .with_rar50_dictionary_size_limit(workspace)
        .with_rar50_buffered_decode_limit(workspace / 4);
    let comment = archive.comment_with_options(options.with_max_member_output_bytes(1 << 20));
    if let Ok(Some(comment)) = comment {
        let text = super::charset::decode(&comment, None).0;
        let text = text.trim_matches(['\0', ' ', '\r', '\n']);
        if !text.is_empty() {
            sink.segment(Segment::new(text, Place::new(Kind::Comment).named("archive comment")))?;
        }
    }
    let _lease = budget.hold(workspace);
    let state = RefCell::new(State { sink, budget, packed, open: None, stopped: None });
    let end = archive.extract_with_control_and_errors(
        options,
        |member| Ok(state.borrow_mut().next(member)),
        |member, error| Ok(state.borrow_mut().failed(member, error)),
    );
    let mut state = state.into_inner();
    if let Err(error) = &end {
        state.broken(error);
    }
    state.finish();
    if let Some(stopped) = state.stopped {
        return Err(stopped);
    }
    end.map(|_| ()).map_err(|error| because(&error))
}

/// What the two callbacks share.
struct State<'s> {
    sink: &'s mut dyn Sink,
    budget: &'s Rc<Budget>,
    packed: u64,
    /// The member that is being unpacked.
    open: Option<Open>,
    /// Why nothing more is wanted.
    stopped: Option<Unreadable>,
}

struct Open {
    name: String,
    held: Rc<RefCell<Held>>,
    error: Option<Gap>,
}

impl State<'_> {
    /// Ends the member before and says what to do with this one.
    fn next(&mut self, member: &ArchiveMember) -> ExtractionDecision {
        self.finish();
        if self.stopped.is_none()
            && let Err(limit) = self.budget.charge(0)
        {
            self.stopped = Some(limit.into());
        }
        if self.stopped.is_some() {
            return ExtractionDecision::Stop;
        }
        let meta = &member.meta;
        let name = name_of(member);
        if meta.is_directory {
            return ExtractionDecision::Skip;
        }
        let refused = if meta.is_encrypted {
            Some(Gap::new(GapReason::Encrypted, "password needed"))
        } else if meta.is_split_before || meta.is_split_after {
            Some(Gap::new(GapReason::Unsupported, "continues in another volume"))
        } else if meta.is_redirection {
            return ExtractionDecision::Skip;
        } else {
            None
        };
        if let Some(gap) = refused {
            self.sink.unread_member(Member::named(&name), gap);
            // Members of a solid archive cannot be left out: the crate says so, and `failed` hears of it.
            return ExtractionDecision::Skip;
        }
        let held = Rc::new(RefCell::new(Held {
            bytes: Vec::new(),
            budget: Rc::clone(self.budget),
            lease: None,
            allowed: self.packed.saturating_mul(self.budget.limits.max_archive_ratio).max(32 << 20),
            limit: None,
        }));
        self.open = Some(Open { name, held: Rc::clone(&held), error: None });
        ExtractionDecision::Extract(Box::new(Filling(held)))
    }

    fn failed(&mut self, member: &ArchiveMember, error: &Error) -> ExtractionErrorAction {
        if self.open.is_none() {
            let name = name_of(member);
            if let Some(gap) = because(error).into() {
                self.sink.unread_member(Member::named(&name), gap);
            }
        }
        self.broken(error);
        self.finish();
        ExtractionErrorAction::Continue
    }

    /// Notes why the open member is not whole.
    fn broken(&mut self, error: &Error) {
        if let Some(open) = &mut self.open {
            open.error = because(error).into();
        }
    }

    /// Hands the member that was unpacked to the sink.
    fn finish(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mut held = open.held.borrow_mut();
        let bytes = std::mem::take(&mut held.bytes);
        let error = held.limit.map(|limit| Gap::new(limit.reason, limit.to_string())).or(open.error);
        let mut content = Content { bytes: bytes.as_slice(), error };
        if self.stopped.is_none() && self.sink.member(Member::named(&open.name), &mut content).is_err() {
            self.stopped = Some(Unreadable::Stop);
        }
        held.lease = None;
    }
}

/// A member while it grows.
struct Held {
    bytes: Vec<u8>,
    budget: Rc<Budget>,
    lease: Option<Lease>,
    allowed: u64,
    limit: Option<LimitReached>,
}

struct Filling(Rc<RefCell<Held>>);

impl Write for Filling {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let held = &mut *self.0.borrow_mut();
        let len = held.bytes.len() + buf.len();
        let counted = held.budget.charge(buf.len() as u64);
        let limit = match counted {
            Err(limit) => Some(limit),
            Ok(()) if len as u64 > held.allowed => Some(LimitReached { reason: GapReason::LimitRatio }),
            Ok(()) => None,
        };
        if let Some(limit) = limit {
            held.limit = Some(limit);
            return Err(io::Error::other(limit));
        }
        if len > held.bytes.capacity() {
            held.lease = None;
            // A vector that grows copies: both lie in memory for a moment.
            let next = (len * 2).max(64 << 10);
            if next as u64 > held.budget.room() {
                let limit = LimitReached { reason: GapReason::LimitSize };
                held.limit = Some(limit);
                return Err(io::Error::other(limit));
            }
            held.lease = Some(held.budget.hold(next as u64));
            held.bytes.reserve_exact(next - held.bytes.len());
        }
        held.bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was unpacked, and at its end why it is not all.
struct Content<'b> {
    bytes: &'b [u8],
    error: Option<Gap>,
}

impl Read for Content<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.bytes.read(buf)?;
        if got == 0
            && !buf.is_empty()
            && let Some(gap) = &self.error
        {
            return Err(match gap.reason {
                GapReason::Damaged => io::Error::new(io::ErrorKind::InvalidData, gap.detail.clone()),
                GapReason::Unsupported => io::Error::new(io::ErrorKind::Unsupported, gap.detail.clone()),
                reason => io::Error::other(LimitReached { reason }),
            });
        }
        Ok(got)
    }
}

fn name_of(member: &ArchiveMember) -> String {
    let decoded = member.decoded_name(None);
    let raw = decoded.as_deref().unwrap_or(&member.meta.name);
    super::charset::decode(raw, None).0.replace('\\', "/")
}

fn because(error: &Error) -> Unreadable {
    let reason = match error.kind() {
        // Without the crate's password code, an archive whose names are encrypted ends here.
        _ if error.to_string().contains("encrypt") => GapReason::Encrypted,
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => GapReason::Encrypted,
        ErrorKind::ResourceLimit => GapReason::LimitSize,
        ErrorKind::UnsupportedFeature | ErrorKind::UnsupportedFormat => GapReason::Unsupported,
        ErrorKind::Io => GapReason::Io,
        _ => GapReason::Damaged,
    };
    match reason {
        GapReason::Encrypted => Unreadable::gap(reason, "password needed, even for the names"),
        _ => Unreadable::gap(reason, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_with_encrypted_names_is_encrypted() {
        // RAR 5 with an encryption header (type 4) first: AES-256, no check value, 2^15 rounds, salt of zeros.
        let mut header = vec![0x04, 0x00, 0x00, 0x00, 0x0F];
        header.extend([0; 16]);
        let mut sized = vec![header.len() as u8];
        sized.extend(header);
        let mut bytes = b"Rar!\x1A\x07\x01\0".to_vec();
        bytes.extend(crc32fast::hash(&sized).to_le_bytes());
        bytes.extend(sized);
        let got = super::super::testing::read_bytes(&Rar, "x.rar", &bytes);
        assert!(got.error.as_ref().is_some_and(|error| error.starts_with("encrypted")), "{:?}", got.error);
    }
}
