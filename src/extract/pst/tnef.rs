//! Writes the properties of a message down as TNEF (MS-OXTNEF), for the reader of TNEF.

use super::Name;
use crate::extract::tnef::{SIGNATURE, attribute};

/// A list of properties (2.1.3.4).
#[derive(Debug, Default)]
pub(super) struct List {
    count: u32,
    bytes: Vec<u8>,
}

impl List {
    fn begin(&mut self, id: u16, kind: u16, name: Option<&Name>) {
        self.count += 1;
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(id.to_le_bytes());
        if id < 0x8000 {
            return;
        }
        // The set of the name says nothing to the reader.
        self.bytes.extend([0; 16]);
        match name {
            Some(Name::Text(text)) => {
                self.bytes.extend(1u32.to_le_bytes());
                let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.counted(&utf16);
            }
            name => {
                let number = match name {
                    Some(Name::Number(number)) => *number,
                    _ => u32::from(id),
                };
                self.bytes.extend([0; 4]);
                self.bytes.extend(number.to_le_bytes());
            }
        }
    }

    fn counted(&mut self, value: &[u8]) {
        self.bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    /// Adds a number of up to four bytes.
    pub(super) fn number(&mut self, id: u16, kind: u16, name: Option<&Name>, value: u32) {
        self.begin(id, kind, name);
        self.bytes.extend(value.to_le_bytes());
    }

    /// Adds texts or bytes. `kind`: the type of each value.
    pub(super) fn bytes(&mut self, id: u16, kind: u16, name: Option<&Name>, values: &[&[u8]]) {
        self.begin(id, kind, name);
        self.bytes.extend(u32::try_from(values.len()).unwrap_or(0).to_le_bytes());
        for value in values {
            self.counted(value);
        }
    }
}

/// A message under way.
#[derive(Debug)]
pub(super) struct Writer {
    code_page: Option<u32>,
    properties: List,
    recipients: List,
}

impl Writer {
    /// An empty message. `code_page`: of its texts in 8 bits.
    pub(super) fn new(code_page: Option<u32>) -> Writer {
        Writer { code_page, properties: List::default(), recipients: List::default() }
    }

    /// As [`List::number`].
    pub(super) fn number(&mut self, id: u16, kind: u16, name: Option<&Name>, value: u32) {
        self.properties.number(id, kind, name, value);
    }

    /// As [`List::bytes`].
    pub(super) fn bytes(&mut self, id: u16, kind: u16, name: Option<&Name>, values: &[&[u8]]) {
        self.properties.bytes(id, kind, name, values);
    }

    /// Adds a recipient.
    pub(super) fn recipient(&mut self, list: &List) {
        self.recipients.count += 1;
        self.recipients.bytes.extend(list.count.to_le_bytes());
        self.recipients.bytes.extend(&list.bytes);
    }

    /// The file.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut file = [SIGNATURE, &[1, 0]].concat();
        let mut push = |id: u32, pieces: [&[u8]; 2]| {
            file.push(1);
            file.extend(id.to_le_bytes());
            let len = pieces.iter().map(|piece| piece.len()).sum::<usize>();
            file.extend(u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
            let mut sum = 0u16;
            for piece in pieces {
                file.extend(piece);
                sum = piece.iter().fold(sum, |sum, byte| sum.wrapping_add(u16::from(*byte)));
            }
            file.extend(sum.to_le_bytes());
        };
        if let Some(page) = self.code_page {
            push(attribute::CODE_PAGE, [&page.to_le_bytes(), &[0; 4]]);
        }
        for (id, list) in
            [(attribute::MESSAGE_PROPERTIES, self.properties), (attribute::RECIPIENTS, self.recipients)]
        {
            push(id, [&list.count.to_le_bytes(), &list.bytes]);
        }
        file
    }
}
