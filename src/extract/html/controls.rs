//! Values that stand beside their name: cells under the head of their column, controls behind their label, the chosen option.

use super::Page;
use crate::extract::heads::names_a_degree;
use crate::model::{Kind, Place, Segment};

/// Longest cell that is read with its head, in bytes: a degree is short.
const LONGEST_VALUE: usize = 60;
/// Longest label, in bytes.
const LONGEST_LABEL: usize = 60;
/// Labels of a page that are remembered.
const MAX_LABELS: usize = 64;

/// What is known of the controls of a page.
#[derive(Default)]
pub(super) struct Controls {
    /// Labels that name a degree: the number of their control, and their text.
    labels: Vec<(String, String)>,
    /// The open label: where in the body's block it begins, and the control it is for.
    label: Option<(usize, String)>,
    /// Name of the open list.
    list: Option<String>,
    /// Where in the options the chosen one begins.
    chosen: Option<usize>,
}

impl Controls {
    /// The body's block was pushed: nothing begins in it any more.
    pub(super) fn cut(&mut self) {
        self.label = None;
    }
}

/// A label's text without its colon, where it names a degree.
fn degree(label: &str) -> Option<String> {
    let text = label.trim().trim_end_matches([':', '*', ' ']);
    (text.len() <= LONGEST_LABEL && names_a_degree(text)).then(|| text.to_owned())
}

impl Page<'_, '_> {
    pub(super) fn start_cell(&mut self, columns: u32, rows: u32) {
        if let Some(table) = self.tables.last_mut() {
            table.cell(columns, rows);
            self.cell = (self.hidden == 0).then_some(self.body.text.len());
        }
    }

    /// Gives a cell under a head that names a degree as a cell with that name; other cells stay in the text.
    pub(super) fn end_cell(&mut self) {
        let (Some(start), Some(table)) = (self.cell.take(), self.tables.last_mut()) else { return };
        let text = self.body.text.get(start..).unwrap_or_default().trim();
        if text.is_empty() || text.len() > LONGEST_VALUE || self.hidden > 0 {
            return;
        }
        let Some(head) = table.of_cell().map(str::to_owned) else { return table.text(text) };
        // What stands in a coloured or framed element is looked at with it.
        if names_a_degree(text) || text.contains('\n') || !self.special.is_empty() {
            return;
        }
        let text = text.to_owned();
        self.body.text.truncate(start);
        let line = self.lines.at(self.text, self.at);
        let place = Place { line: Some(line), ..Place::new(Kind::Table) }.named(&head);
        // The sink's answer is seen again at the next block.
        let _ = self.flush_body().and_then(|()| self.sink.segment(Segment::new(&text, place)));
    }

    pub(super) fn start_label(&mut self, target: &str) {
        self.controls.label = (self.hidden == 0).then(|| (self.body.text.len(), target.trim().to_owned()));
    }

    pub(super) fn end_label(&mut self) {
        let Some((start, target)) = self.controls.label.take() else { return };
        let text = self.body.text.get(start..).and_then(degree);
        if let Some(text) = text.filter(|_| !target.is_empty() && self.controls.labels.len() < MAX_LABELS) {
            self.controls.labels.push((target, text));
        }
    }

    /// What stands beside a control and names a degree: its label, the label around it, or the text in front of it.
    pub(super) fn control_name(&self, id: &str) -> Option<String> {
        let labels = &self.controls.labels;
        let own = labels.iter().rev().find(|(target, _)| !id.is_empty() && target == id.trim());
        // A line of a megabyte is not searched for its beginning at each control.
        let line = || {
            let text = &self.body.text;
            let near = text.get(text.ceil_char_boundary(text.len().saturating_sub(2 * LONGEST_LABEL))..)?;
            near.rsplit('\n').next().and_then(degree)
        };
        own.map(|(_, text)| text.clone()).or_else(line)
    }

    pub(super) fn start_select(&mut self, id: &str) {
        self.controls.list = self.control_name(id);
    }

    pub(super) fn start_option(&mut self, selected: bool) {
        self.controls.chosen = (selected && self.hidden == 0).then_some(self.options.text.len());
    }

    /// The chosen option is the value of its list; the others stay choices.
    pub(super) fn end_option(&mut self) {
        let Some(start) = self.controls.chosen.take() else { return };
        let Some(text) = self.options.text.get(start..).map(|text| text.trim().to_owned()) else { return };
        if text.is_empty() {
            return;
        }
        self.options.text.truncate(start);
        let place = Place { name: self.controls.list.as_deref(), ..Place::new(Kind::FormField) };
        // The sink's answer is seen again at the next block.
        let _ = self.sink.segment(Segment::new(&text, place));
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::html::Html;
    use crate::extract::testing::read_bytes;
    use crate::model::Kind;

    /// Text and name of what stands in a kind of place.
    fn named(page: &str, kind: Kind) -> Vec<(String, String)> {
        let got = read_bytes(&Html, "a.html", page.as_bytes());
        let of_kind = got.segments.iter().filter(|segment| segment.place.kind == kind);
        of_kind
            .map(|segment| (segment.place.name.clone().unwrap_or_default(), segment.text.trim().to_owned()))
            .collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn cells_under_a_head_bear_its_name() {
        let page = "<table><tr><th>Số<th colspan=2>Tên<th>Độ mật</tr><tr><td>1<td>Đèn<td>lồng<td>Mật<tr><td>2<td>Phà<td>x<td>Thường</table>\
                    <p>sau</p><table><tr><th>Classification</th><td>Secret</td></tr><tr><td colspan=2>Author A</td></tr></table>";
        let got = named(page, Kind::Table);
        assert_eq!(got, [pair("Độ mật", "Mật"), pair("Độ mật", "Thường"), pair("Classification", "Secret")]);
        let got = read_bytes(&Html, "a.html", page.as_bytes());
        let body = got.of(Kind::Body).concat();
        assert_eq!(body, "Số\nTên\nĐộ mật\n1\nĐèn\nlồng\n2\nPhà\nx\nsau\nClassification\nAuthor A\n");
    }

    #[test]
    fn controls_bear_their_label() {
        let page = "<label for=c>Classification</label><input id=c value=Secret><br>Độ mật: <input value='Tối mật'><br>\
                    <label>Độ mật <input value=Mật></label><br>Tên <input value=Đèn>\
                    <br>Classification <input type=radio value=Secret>";
        let got = named(page, Kind::FormField);
        let wanted = [
            pair("Classification", "Secret"),
            pair("Độ mật", "Tối mật"),
            pair("Độ mật", "Mật"),
            pair("", "Đèn\nSecret"),
        ];
        assert_eq!(got, wanted);
    }

    #[test]
    fn boxes_stand_before_what_they_tick() {
        let page = "<p>Độ mật: <label><input type=radio name=d> Thường</label> <label><input type=radio name=d checked>Mật</label>\
                    <p style='display:none'><input type=checkbox>x</p><input type=text value=Đèn>";
        let got = read_bytes(&Html, "a.html", page.as_bytes());
        assert_eq!(got.of(Kind::Body).concat().trim(), "Độ mật: ☐ Thường ☒ Mật");
    }

    #[test]
    fn a_control_may_name_itself() {
        let page =
            "<input title='Độ mật' value=Mật><input name=do_mat value='Tối mật'><input name=color value=Red>";
        let wanted = [pair("Độ mật", "Mật"), pair("do_mat", "Tối mật"), pair("", "Red")];
        assert_eq!(named(page, Kind::FormField), wanted);
    }

    #[test]
    fn the_chosen_option_is_no_choice() {
        let page = "<label for=c>Classification</label><select id=c><option>Open<option selected>Secret<option>Top Secret</select>\
                    <br>Độ mật: <select><option>Thường</option><option>Mật</option></select>";
        let got = named(page, Kind::FormField);
        assert_eq!(got, [pair("Classification", "Secret"), pair("option", "Open\nTop Secret\nThường\nMật")]);
    }
}
