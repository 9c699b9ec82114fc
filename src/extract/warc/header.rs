//! Headers of records: WARC (ISO 28500:2017, 4 to 6) and ARC (Internet Archive, "Arc File Format", 1996).

use super::unpack::Archive;

/// What a record's header says, as far as it counts here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// `WARC-Type` in lower case; `arc` for a record of an ARC file.
    pub(super) kind: String,
    /// Address, without the pointed brackets that wget 1.14 put around it.
    pub(super) url: String,
    /// When it was captured, as written; of ARC files in the same form.
    pub(super) date: String,
    /// Type of the block.
    pub(super) media: String,
    /// Bytes of the block.
    pub(super) length: Option<u64>,
    /// Why the crawler did not store all of it.
    pub(super) truncated: Option<String>,
    /// Number of the part, for a record that was cut into several.
    pub(super) segment: Option<String>,
    /// Address of the record that a revisit repeats.
    pub(super) refers_to: Option<String>,
}

impl Header {
    /// Reads the lines of a WARC header, the version among them.
    pub(super) fn of_warc(text: &str) -> Header {
        let mut header = Header::default();
        let mut id = "";
        for (name, value) in fields(text) {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if is("WARC-Type") {
                header.kind = value.to_ascii_lowercase();
            } else if is("WARC-Target-URI") {
                header.url = unbracketed(value).to_owned();
            } else if is("WARC-Record-ID") {
                id = unbracketed(value);
            } else if is("WARC-Date") {
                header.date = value.to_owned();
            } else if is("Content-Type") {
                header.media = value.to_owned();
            } else if is("Content-Length") {
                header.length = value.parse().ok();
            } else if is("WARC-Truncated") {
                header.truncated = Some(value.to_owned());
            } else if is("WARC-Segment-Number") {
                header.segment = Some(value.to_owned());
            } else if is("WARC-Refers-To-Target-URI") {
                header.refers_to = Some(unbracketed(value).to_owned());
            }
        }
        if header.url.is_empty() {
            header.url = id.to_owned();
        }
        header
    }

    /// Reads the one line of an ARC record's header: address, IP address, date, type and length, between which
    /// version 2 puts five fields more.
    pub(super) fn of_arc(line: &str, version: u8) -> Option<Header> {
        let mut from_end = line.trim_end().rsplitn(if version == 2 { 10 } else { 5 }, ' ');
        let length = from_end.next()?.parse().ok()?;
        if version == 2 {
            // File name, offset, location, checksum, result code.
            from_end.nth(4)?;
        }
        let media = from_end.next()?.to_owned();
        let date = from_end.next()?;
        let _ip = from_end.next()?;
        let url = from_end.next()?.to_owned();
        Some(Header {
            kind: "arc".to_owned(),
            url,
            date: arc_date(date),
            media,
            length: Some(length),
            ..Header::default()
        })
    }

    /// The first line of an archive's record.
    pub(super) fn is_first_line(line: &[u8], archive: Archive) -> bool {
        match archive {
            Archive::Warc => line.starts_with(b"WARC/"),
            Archive::Arc => line.contains(&b' ') && line.contains(&b':'),
        }
    }
}

fn unbracketed(value: &str) -> &str {
    value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value)
}

/// `20140204000000` as WARC writes it.
fn arc_date(date: &str) -> String {
    let part = |from: usize, to: usize| date.get(from..to);
    let digits = date.len() == 14 && date.bytes().all(|byte| byte.is_ascii_digit());
    match (part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14)) {
        (Some(y), Some(m), Some(d), Some(h), Some(min), Some(s)) if digits => {
            format!("{y}-{m}-{d}T{h}:{min}:{s}Z")
        }
        _ => date.to_owned(),
    }
}

/// Name and value of the lines that have them. A line that begins with a blank goes on with the one before; only its
/// first line counts, since nothing that is read here is ever folded.
pub(super) fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arc_lines_of_both_versions() {
        let one = Header::of_arc("http://a.example/b c 127.0.0.1 20140204010203 text/html 12", 1).unwrap();
        assert_eq!((one.url.as_str(), one.length), ("http://a.example/b c", Some(12)));
        assert_eq!((one.date.as_str(), one.media.as_str()), ("2014-02-04T01:02:03Z", "text/html"));
        let two = "http://a.example/ 127.0.0.1 20140204010203 text/html 200 - - 0 x.arc 12";
        let two = Header::of_arc(two, 2).unwrap();
        assert_eq!((two.url.as_str(), two.length), ("http://a.example/", Some(12)));
        assert!(Header::of_arc("TUYET MAT", 1).is_none());
    }

    #[test]
    fn brackets_and_case() {
        let header =
            Header::of_warc("WARC/1.0\r\nwarc-type: Response\r\nWARC-Target-URI: <http://x.example/>\r\n");
        assert_eq!((header.kind.as_str(), header.url.as_str()), ("response", "http://x.example/"));
    }
}
