//! Files that hold messages: mailboxes, and the single messages of Apple Mail.

use std::io::{self, BufRead, BufReader, Read};

use super::super::{Format, Head, Input, Member, Sink, Unreadable};
use super::has_headers;

/// A mailbox: messages one after another, each behind a `From ` line.
pub(in crate::extract) struct Mbox;

impl Format for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["mbox", "mbx", "txt"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let end = memchr::memchr(b'\n', head.bytes).unwrap_or(head.bytes.len());
        head.bytes.get(..end).is_some_and(is_separator)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut mailbox = Mailbox {
            from: BufReader::with_capacity(64 << 10, input.stream()?),
            line: Vec::new(),
            used: 0,
            more: true,
            failed: None,
        };
        mailbox.next_line();
        let mut count = 0u32;
        while mailbox.more {
            // The separator itself holds the sender's address and is no text.
            mailbox.next_line();
            count += 1;
            let name = format!("message-{count}.eml");
            let mut message = Message { mailbox: &mut mailbox, after_blank: false };
            let result = sink
                .member(Member { name: &name, media: Some("message/rfc822"), charset: None }, &mut message);
            io::copy(&mut message, &mut io::sink())?;
            result?;
            if let Some(error) = mailbox.failed.take() {
                return Err(error.into());
            }
        }
        sink.fact("messages", count.to_string());
        Ok(())
    }
}

struct Mailbox<R> {
    from: BufReader<R>,
    /// The current line with its end, or a piece of a very long one.
    line: Vec<u8>,
    used: usize,
    more: bool,
    failed: Option<io::Error>,
}

impl<R: Read> Mailbox<R> {
    fn next_line(&mut self) {
        self.line.clear();
        self.used = 0;
        match (&mut self.from).take(64 << 10).read_until(b'\n', &mut self.line) {
            Ok(got) => self.more = got > 0,
            Err(error) => {
                self.more = false;
                self.failed = Some(error);
            }
        }
    }
}

/// `From someone Thu Jan  1 00:00:00 2026`: a time and a year tell it from a sentence.
fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && line
            .windows(3)
            .any(|three| matches!(three, [a, b':', b] if a.is_ascii_digit() && b.is_ascii_digit()))
        && line
            .split(u8::is_ascii_whitespace)
            .any(|word| word.len() == 4 && word.iter().all(u8::is_ascii_digit))
}

/// One message of a mailbox, up to the next separator.
struct Message<'m, R> {
    mailbox: &'m mut Mailbox<R>,
    after_blank: bool,
}

impl<R: Read> Read for Message<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mailbox = &mut *self.mailbox;
        if mailbox.used == mailbox.line.len() {
            self.after_blank = matches!(mailbox.line.as_slice(), b"\n" | b"\r\n");
            mailbox.next_line();
        }
        if !mailbox.more || (mailbox.used == 0 && self.after_blank && is_separator(&mailbox.line)) {
            return Ok(0);
        }
        if mailbox.used == 0 && mailbox.line.starts_with(b">From ") {
            mailbox.used = 1;
        }
        let rest = mailbox.line.get(mailbox.used..).unwrap_or_default();
        let length = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        mailbox.used += length;
        Ok(length)
    }
}

/// A message of Apple Mail: its length in the first line, then the message, then a property list.
pub(in crate::extract) struct Emlx;

/// Length of the message and of the line that tells it.
fn counted(bytes: &[u8]) -> Option<(u64, usize)> {
    let end = memchr::memchr(b'\n', bytes.get(..32).unwrap_or(bytes))?;
    let digits = std::str::from_utf8(bytes.get(..end)?).ok()?.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, end + 1))
}

impl Format for Emlx {
    fn name(&self) -> &'static str {
        "emlx"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["emlx", "partial"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        counted(head.bytes).is_some_and(|(_, used)| head.bytes.get(used..).is_some_and(has_headers))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let Some((length, used)) = counted(input.head()) else {
            return Err(Unreadable::damaged("the length of the message"));
        };
        let mut from = input.stream()?;
        io::copy(&mut from.by_ref().take(used as u64), &mut io::sink())?;
        let mut message = from.by_ref().take(length);
        let member = Member { name: "message.eml", media: Some("message/rfc822"), charset: None };
        let result = sink.member(member, &mut message);
        io::copy(&mut message, &mut io::sink())?;
        result?;
        sink.member(Member::named("properties.plist"), &mut from)?;
        Ok(())
    }
}
