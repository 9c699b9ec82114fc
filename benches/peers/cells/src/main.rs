//! Reads every cell of every sheet with calamine's streaming reader and prints how many hold text.

use calamine::{Reader, Xlsx, open_workbook};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: cells FILE.xlsx")?;
    let mut book: Xlsx<_> = open_workbook(path)?;
    let mut texts = 0usize;
    for sheet in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&sheet)?;
        while let Some(cell) = cells.next_cell()? {
            texts += usize::from(matches!(cell.get_value(), calamine::DataRef::String(_) | calamine::DataRef::SharedString(_)));
        }
    }
    println!("{texts}");
    Ok(())
}
