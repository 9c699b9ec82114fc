//! What each control word means. RTF 1.9.1 unless another source is named.

use std::io::{Cursor, Read as _};

use super::object::{Digits, Header};
use super::*;

impl Reader<'_, '_> {
    /// Obeys a control word.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn word(&mut self, word: &[u8], parameter: Option<i32>) -> Result<(), Stop> {
        let on = parameter != Some(0);
        let optional = std::mem::take(&mut self.state.optional);
        match self.state.role {
            Role::Skip => return Ok(()),
            Role::Picture => {
                // The form for old readers repeats them.
                match word {
                    b"picprop" if !self.state.repeats => self.state.role = Role::Text,
                    b"emfblip" | b"wmetafile" if !optional => self.state.drawing = true,
                    _ => {}
                }
                return Ok(());
            }
            _ => {}
        }
        match word {
            // Breaks and characters.
            b"par" | b"sect" | b"page" | b"column" | b"softpage" => return self.paragraph(),
            b"cell" | b"nestcell" => {
                self.piece(|piece| piece.table = true);
                return self.paragraph();
            }
            b"row" | b"nestrow" => {
                self.paragraph()?;
                self.piece(|piece| piece.table = false);
            }
            b"line" | b"lbr" => return self.character("\n"),
            b"tab" => return self.character("\t"),
            b"emdash" => return self.character("\u{2014}"),
            b"endash" => return self.character("\u{2013}"),
            b"bullet" => return self.character("\u{2022}"),
            b"lquote" => return self.character("\u{2018}"),
            b"rquote" => return self.character("\u{2019}"),
            b"ldblquote" => return self.character("\u{201c}"),
            b"rdblquote" => return self.character("\u{201d}"),
            b"emspace" | b"enspace" | b"qmspace" => return self.character(" "),
            b"u" => return self.unicode(parameter.unwrap_or(0)),
            b"uc" => self.state.fallback = usize::try_from(parameter.unwrap_or(1)).unwrap_or(1).min(16),
            _ => {
                if !self.look(word, parameter, on) && !self.tables(word, parameter) {
                    return self.destination(word, parameter, optional);
                }
            }
        }
        Ok(())
    }

    /// How letters and paragraphs look.
    fn look(&mut self, word: &[u8], parameter: Option<i32>, on: bool) -> bool {
        let look = &mut self.state.look;
        match word {
            b"plain" => {
                *look = Look { size: Some(DEFAULT_SIZE), ..Look::default() };
                self.state.deleted = false;
                self.state.font = None;
            }
            b"fs" => look.size = parameter.and_then(|size| u16::try_from(size).ok()),
            b"cf" => {
                let index = usize::try_from(parameter.unwrap_or(0)).unwrap_or(0);
                look.color = self.colors.get(index).copied().filter(|_| index > 0);
            }
            b"cb" | b"highlight" | b"chcbpat" | b"chshdng" => {
                look.shaded = Some(parameter.is_some_and(|number| number > 0));
            }
            b"b" => look.bold = Some(on),
            b"caps" => look.capitals = Some(on),
            b"strike" | b"striked" => look.struck = Some(on),
            b"v" => look.hidden = Some(on),
            b"chbrdr" => look.framed = Some(true),
            b"deleted" => self.state.deleted = on,
            b"intbl" | b"itap" => {
                let table = word == b"intbl" || parameter.is_none_or(|depth| depth > 0);
                self.piece(|piece| piece.table = table);
            }
            b"pard" => self.piece(|piece| {
                piece.table = false;
                piece.framed = false;
                piece.shaded = false;
            }),
            b"box" | b"brdrt" => self.piece(|piece| piece.framed = true),
            b"cbpat" | b"shading" => {
                let shaded = parameter.is_some_and(|number| number > 0);
                self.piece(|piece| piece.shaded = shaded);
            }
            b"htmlrtf" => {
                self.state.rtf_only = on;
            }
            _ => return false,
        }
        true
    }

    /// Fonts, colours and code pages.
    fn tables(&mut self, word: &[u8], parameter: Option<i32>) -> bool {
        let in_fonts = self.state.role == Role::FontTable;
        match word {
            b"f" => {
                self.state.font = parameter;
                if in_fonts {
                    self.fonts.under_way = parameter.unwrap_or(0);
                }
            }
            b"deff" => self.fonts.default = parameter.unwrap_or(0),
            b"fcharset" if in_fonts => self.fonts.set_encoding(fonts::charset(parameter.unwrap_or(0))),
            b"cpg" if in_fonts => self.fonts.set_encoding(fonts::code_page(parameter.unwrap_or(0))),
            b"ansicpg" => {
                if let Some(encoding) = fonts::code_page(parameter.unwrap_or(1252)) {
                    self.encoding = encoding;
                }
            }
            b"mac" => self.encoding = encoding_rs::MACINTOSH,
            b"red" | b"green" | b"blue" if self.state.role == Role::ColorTable => {
                let value = u8::try_from(parameter.unwrap_or(0)).unwrap_or(0);
                let [red, green, blue] = &mut self.color;
                *match word {
                    b"red" => red,
                    b"green" => green,
                    _ => blue,
                } = value;
            }
            _ => return false,
        }
        true
    }

    /// What the group under way is.
    fn destination(&mut self, word: &[u8], parameter: Option<i32>, optional: bool) -> Result<(), Stop> {
        match word {
            b"fonttbl" => self.role(Role::FontTable),
            b"colortbl" => self.role(Role::ColorTable),
            b"header" | b"headerl" | b"headerr" | b"headerf" => self.begin_piece(Kind::Header, None, true),
            b"footer" | b"footerl" | b"footerr" | b"footerf" => self.begin_piece(Kind::Footer, None, true),
            b"footnote" => self.begin_piece(Kind::Footnote, None, true),
            b"ftnsep" | b"ftnsepc" | b"ftncn" | b"aftnsep" | b"aftnsepc" | b"aftncn" => {
                self.begin_piece(Kind::Footnote, Some("separator"), true);
            }
            b"annotation" => self.begin_piece(Kind::Comment, None, true),
            b"atnauthor" | b"atnid" => self.begin_piece(Kind::Comment, Some("author"), true),
            b"shptxt" | b"dptxbxtext" => {
                let old = self.state.repeats;
                let kind = if old { Kind::Hidden } else { Kind::Textbox };
                self.begin_piece(kind, old.then_some(OLD_SHAPE), !old);
            }
            b"bkmkstart" => self.begin_piece(Kind::Bookmark, Some("bookmark"), false),
            b"xe" | b"tc" | b"rxe" => self.begin_piece(Kind::Hidden, Some("index entry"), false),
            b"ffname" | b"ffdeftext" | b"ffhelptext" | b"ffstattext" | b"ffl" | b"ffformat"
            | b"ffentrymcr" | b"ffexitmcr" => self.begin_piece(Kind::FormField, None, true),
            b"info" => {
                self.role(Role::Unknown);
                self.state.info = true;
            }
            b"title" if self.state.info => self.begin_piece(Kind::Title, None, false),
            _ if self.state.info && property(word).is_some() => {
                self.begin_piece(Kind::Property, property(word), false);
            }
            b"revtbl" => self.begin_piece(Kind::Property, Some("revision authors"), false),
            b"template" => self.begin_piece(Kind::Property, Some("template"), false),
            b"sn" => self.role(Role::ShapeName),
            b"sv" => self.role(Role::ShapeValue),
            b"propname" => self.role(Role::PropertyName),
            b"staticval" => self.role(Role::PropertyValue),
            b"docvar" => {
                self.role(Role::Unknown);
                self.state.variable = 1;
            }
            b"fldinst" => self.role(Role::Instruction),
            b"hlloc" | b"hlsrc" => self.role(Role::Target),
            b"objclass" => self.role(Role::Class),
            b"objdata" => return self.object(),
            b"datastore" => return self.data_store(),
            b"fromhtml" if parameter != Some(0) => self.html = Some(String::new()),
            // MS-OXRTFEX 2.1.3: what stands in the group is source of the page.
            b"htmltag" if self.html.is_some() => self.role(Role::Html),
            b"upr" => self.state.upr = self.pieces.last().map(|piece| piece.text.len()),
            b"ud" => return self.unicode_form(),
            b"object" => self.class.clear(),
            b"shprslt" => {
                self.begin_piece(Kind::Hidden, Some(OLD_SHAPE), false);
                self.state.repeats = true;
            }
            b"pntxtb" | b"pntxta" => self.role(Role::Unknown),
            b"nonshppict" => self.state.repeats = true,
            b"pict" => {
                self.pictures += u32::from(!self.state.repeats);
                self.role(Role::Picture);
            }
            b"stylesheet" => self.role(Role::StyleNames),
            b"pgdsctbl" => {
                self.role(Role::StyleNames);
                self.state.page_styles = true;
            }
            _ if is_skipped(word) => self.role(Role::Skip),
            _ if is_text(word) => {}
            _ if optional => self.role(Role::Unknown),
            _ => {}
        }
        Ok(())
    }

    /// `\ud`: the form in Unicode of what stands before it in the `\upr` group.
    fn unicode_form(&mut self) -> Result<(), Stop> {
        self.flush()?;
        match (self.state.role, self.state.upr.take(), self.pieces.last_mut()) {
            (Role::Text, Some(from), Some(piece)) if piece.text.is_char_boundary(from) => {
                let other = piece.text.split_off(from);
                piece.hidden.push_str(&other);
            }
            (Role::Text, ..) => {}
            _ => return self.text("\n"),
        }
        Ok(())
    }

    /// `\objdata`: an object in OLE 1.0's form; what it holds is a member.
    fn object(&mut self) -> Result<(), Stop> {
        self.objects += 1;
        let mut data = Digits::new(&mut self.source);
        let header = match Header::read(&mut data) {
            Ok(header) => header,
            Err(error) => {
                data.finish();
                let detail = format!("embedded object {} is broken: {error}", self.objects);
                self.sink.gap(Gap::new(GapReason::Damaged, detail));
                return Ok(());
            }
        };
        if !header.topic.is_empty() {
            let place = Place::new(Kind::Link).hidden().named("object");
            self.sink.segment(Segment::new(&header.topic, place))?;
        }
        if header.embedded && header.size > 0 {
            let class = if header.class.is_empty() { &self.class } else { &header.class };
            let class = if class.is_empty() { "object" } else { class };
            let file = header.file.rsplit(['\\', '/']).next().unwrap_or_default();
            // The picture beside it only stands for it.
            if let Some(object) = self.stack.last_mut() {
                object.repeats = true;
            }
            let name =
                if file.is_empty() { format!("{class}-{}.bin", self.objects) } else { file.to_owned() };
            let first = header.first.as_slice();
            let rest = (&mut data).take(header.size.saturating_sub(first.len() as u64));
            self.sink.member(Member::named(&name), &mut self.budget.guard(first.chain(rest), 0))?;
        }
        data.finish();
        Ok(())
    }

    /// `\datastore`: Word's custom XML parts in a compound file (`MsoDataStore/ID/Item`), which may hold labels.
    fn data_store(&mut self) -> Result<(), Stop> {
        let mut data = Digits::new(&mut self.source);
        let mut bytes = Vec::new();
        let room = self.budget.room();
        if let Ok(header) = Header::read(&mut data) {
            bytes = header.first;
            // Digits do not fail.
            let _ = (&mut data).take(room.min(header.size)).read_to_end(&mut bytes);
        }
        data.finish();
        let _lease = self.budget.hold(bytes.len() as u64);
        let Ok(mut file) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Ok(()) };
        let items: Vec<_> = file
            .walk()
            .filter(|entry| {
                entry.is_stream() && !entry.is_empty() && entry.name().eq_ignore_ascii_case("item")
            })
            .map(|entry| entry.path().to_owned())
            .take(MAX_KEPT)
            .collect();
        for (at, path) in items.iter().enumerate() {
            if let Ok(stream) = file.open_stream(path) {
                let name = format!("customXml/item{}.xml", at + 1);
                self.sink.member(Member::named(&name), &mut self.budget.guard(stream, 0))?;
            }
        }
        Ok(())
    }
}

/// Names of properties in `\info` other than the title.
fn property(word: &[u8]) -> Option<&'static str> {
    Some(match word {
        b"subject" => "subject",
        b"author" => "author",
        b"manager" => "manager",
        b"company" => "company",
        b"operator" => "operator",
        b"category" => "category",
        b"keywords" => "keywords",
        b"comment" => "comment",
        b"doccomm" => "doccomm",
        b"hlinkbase" => "hlinkbase",
        _ => return None,
    })
}

/// Destinations that hold no text of the document: tables of formats, data in digits, numbers.
fn is_skipped(word: &[u8]) -> bool {
    matches!(
        word,
        b"themedata"
            | b"colorschememapping"
            | b"latentstyles"
            | b"listtable"
            | b"listoverridetable"
            | b"listpicture"
            | b"rsidtbl"
            | b"xmlnstbl"
            | b"generator"
            | b"mmathPr"
            | b"pgptbl"
            | b"pgdscno"
            | b"bkmkend"
            | b"blipuid"
            | b"objname"
            | b"panose"
            | b"falt"
            | b"fontemb"
            | b"wgrffmtfilter"
            | b"datafield"
            | b"atnref"
            | b"atndate"
            | b"atrfstart"
            | b"atrfend"
            | b"atntime"
            | b"atnparent"
            | b"pnseclvl"
            | b"passwordhash"
            | b"fchars"
            | b"lchars"
            | b"svb"
            | b"nonesttables"
            | b"mhtmltag"
            | b"gridtbl"
            | b"tblstylecs"
    )
}

/// Parts of the text that carry an asterisk or could be taken for something else.
fn is_text(word: &[u8]) -> bool {
    matches!(
        word,
        b"shpinst"
            | b"shppict"
            | b"shp"
            | b"shpgrp"
            | b"fldrslt"
            | b"field"
            | b"formfield"
            | b"userprops"
            | b"pn"
            | b"pntext"
            | b"do"
            | b"nesttableprops"
            | b"cs"
            | b"ts"
            | b"ds"
            | b"s"
            | b"background"
            | b"result"
            | b"listtext"
            | b"moMath"
            | b"moMathPara"
            | b"mmath"
            | b"hl"
            | b"hlfr"
            | b"mvfmf"
            | b"mvfml"
            | b"mvtof"
            | b"mvtol"
    )
}
