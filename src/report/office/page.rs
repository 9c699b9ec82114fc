//! A paper as HTML that stands alone, for a browser and a printer.

use std::io::{self, Write};

use super::{Block, Paper};
use crate::report::html::{digest, escape};

const STYLE: &str = "@page{size:A4;margin:20mm 20mm 20mm 30mm}@page{@top-center{content:counter(page);font:14pt \"Times New Roman\",serif}}@page:first{@top-center{content:none}}
body{font:14pt/1.3 \"Times New Roman\",\"Liberation Serif\",serif;color:#000;background:#fff;max-width:160mm;margin:1rem auto}
p{margin:0 0 6pt;text-indent:1.25cm;text-align:justify;overflow-wrap:anywhere}p.left{text-align:left}.c p,.c,td p,th p{text-align:center;text-indent:0;margin:0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.head{display:grid;grid-template-columns:2fr 3fr;font-size:13pt}
b{font-weight:bold}hr{border:0;border-top:1px solid #000;width:35%;margin:3pt auto 6pt}.motto+hr{width:70%}
h1{font-size:14pt;text-align:center;margin:18pt 0 0}h2{font-size:14pt;text-indent:1.25cm;margin:6pt 0;break-after:avoid}
table{border-collapse:collapse;width:100%;margin:0 0 8pt;font-size:13pt}th,td{border:1px solid #000;padding:2pt 4pt;text-align:center}td:first-child,td.t{text-align:left}tr{break-inside:avoid}thead{display:table-header-group}
.sign{break-inside:avoid;margin-top:12pt}.space{height:28mm}.received{font-size:11pt;margin-top:12pt}.received b{font-size:12pt}.received ul{margin:0;padding:0;list-style:none}
@media print{body{margin:0;max-width:none}}";

/// Writes a paper as HTML.
///
/// # Errors
/// When it cannot be written.
pub fn write_html(paper: &Paper, mut out: impl Write) -> io::Result<()> {
    let head = &paper.head;
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'\">\n\
         <title>{}: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        digest(STYLE),
        escape(&paper.kind),
        escape(&paper.subject)
    )?;
    write!(
        out,
        "<div class=\"head c\"><div>{}<br><b>{}</b><hr>{}</div>\
         <div><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br><b class=\"motto\">Độc lập - Tự do - Hạnh phúc</b><hr><i>{}</i></div></div>\n\
         <h1>{}<br>{}</h1><hr>\n",
        escape(&head.parent),
        escape(&head.unit),
        escape(&head.number),
        escape(&head.dated),
        escape(&paper.kind),
        escape(&paper.subject)
    )?;
    for block in &paper.blocks {
        match block {
            Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escape(text))?,
            Block::Text(text) => writeln!(out, "<p>{}</p>", escape(text))?,
            Block::Left(text) => writeln!(out, "<p class=\"left\">{}</p>", escape(text))?,
            Block::Note(text) => writeln!(out, "<p><i>{}</i></p>", escape(text))?,
            Block::Table { head, rows, .. } => {
                let cells: String =
                    head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell))).collect();
                writeln!(out, "<table><thead><tr>{cells}</tr></thead><tbody>")?;
                for row in rows {
                    let cell = |cell: &String| {
                        let class = if cell.chars().count() > 24 { " class=\"t\"" } else { "" };
                        format!("<td{class}>{}</td>", escape(cell))
                    };
                    writeln!(out, "<tr>{}</tr>", row.iter().map(cell).collect::<String>())?;
                }
                writeln!(out, "</tbody></table>")?;
            }
        }
    }
    let received: String =
        paper.recipients.iter().map(|one| format!("<li>- {};</li>", escape(one))).collect();
    let received = format!(
        "<div class=\"received\"><b><i>Nơi nhận:</i></b><ul>{received}<li>- Lưu: VT.</li></ul></div>"
    );
    let alone = paper.sign.len() == 1;
    write!(out, "<div class=\"two sign\">{}", if alone { received.as_str() } else { "" })?;
    for one in &paper.sign {
        write!(
            out,
            "<div class=\"c\"><b>{}</b><br><i>{}</i><div class=\"space\"></div><b>{}</b></div>",
            escape(&one.title),
            escape(&one.note),
            escape(&one.name)
        )?;
    }
    write!(out, "</div>\n{}</body>\n</html>\n", if alone { "" } else { received.as_str() })?;
    out.flush()
}
