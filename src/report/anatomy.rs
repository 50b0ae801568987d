//! What the cold starts of a run are made of, for every format.

use maud::{Markup, html};

use super::{
    text::{Look, aligned_right, columns, padded, page, said},
    words::{COLD, MEDIAN},
};
use crate::{
    anatomy::{AnatomySum, ColdPart, PartSum},
    lang::{Phrase, Share, Text, Value, texts},
    look::{chart::part_bar, heads},
    record::Run,
    units::show_count,
};

/// How many modules are named.
const MOST_IMPORTS: usize = 5;

texts! {
    pub(super) const;
    made_of(n: u64): "What {} cold {0?start was|starts were} made of", "콜드 스타트 {}회의 구성";
    SHARE: "share", "비율";
    IN_ALL: "total", "합계";
    PART: "part", "부분";
    look_first(part: Text, share: Share, advice: Text): "Look first at {}, {} of the time: {}.", "먼저 살펴볼 부분: {}, 전체 시간의 {}. {}.";
    slowest_import(module: &str, each: String): "The slowest import by itself is `{}`, {} each.", "가장 느린 임포트는 `{}`, 한 번에 {}입니다.";
    not_named(share: Share): "{} of the time is unknown: no evidence names it, and it is not spread over other parts.",
        "전체 시간 중 {}는 어디에 쓰였는지 알 수 없습니다. 근거가 없으므로 다른 부분에 나누어 넣지 않았습니다.";
    IMPORT: "import, by itself", "임포트(자체 시간)";
}

/// The heading.
pub(super) fn heading(sum: &AnatomySum) -> Phrase {
    made_of(sum.n)
}

/// The cells of a part: share, median, total.
pub(super) fn cells(part: &PartSum) -> [String; 3] {
    let share = part
        .share
        .map(|share| Value::from(Share(share)).to_string());
    let share = share.unwrap_or_else(|| "–".to_owned());
    [share, said(Some(part.median_ms)), said(Some(part.total_ms))]
}

/// What to look at first, and what is not known, a sentence each.
pub(super) fn advice(sum: &AnatomySum) -> Vec<String> {
    let share = |part: ColdPart| Share(sum.part(part).and_then(|it| it.share).unwrap_or(0.0));
    let first = sum.first.and_then(|part| {
        let advice = part.advice()?;
        let sentence = look_first(part.word(), share(part), advice).to_string();
        let slowest = sum.imports.first().filter(|_| part == ColdPart::Imports);
        Some(match slowest {
            Some(it) => {
                let each = said(Some(it.total_ms / it.n.max(1) as f64));
                format!("{sentence} {}", slowest_import(&it.module, each))
            }
            None => sentence,
        })
    });
    let unknown = share(ColdPart::Unknown);
    let unknown = (unknown.0 >= 0.005).then(|| not_named(unknown).to_string());
    first.into_iter().chain(unknown).collect()
}

/// The table for a terminal, heading first; empty where nothing is known.
pub(super) fn lines(run: &Run) -> Vec<String> {
    let Some(sum) = &run.anatomy else {
        return Vec::new();
    };
    let width = ColdPart::ALL
        .iter()
        .map(|part| columns(&part.word().to_string()));
    let width = width.max().unwrap_or(0);
    let line = |mark: &str, name: &str, cells: &[String; 3]| {
        let cells = cells.each_ref().map(|cell| aligned_right(cell, 11));
        format!("  {mark} {}{}", padded(name, width), cells.concat())
    };
    let names = [SHARE, MEDIAN, IN_ALL].map(|name| name.to_string());
    let mut lines = vec![
        Look::Strong.paint(heading(sum)),
        Look::Dim.paint(line(" ", "", &names)),
    ];
    for part in &sum.parts {
        let mark = match sum.first == Some(part.part) {
            true => Look::Cold.mark(),
            false => " ".to_owned(),
        };
        lines.push(line(&mark, &part.part.word().to_string(), &cells(part)));
        let modules = sum.imports.iter().take(MOST_IMPORTS);
        for import in modules.filter(|_| part.part == ColdPart::Imports) {
            let name: String = format!("  {}", import.module).chars().take(width).collect();
            let total = said(Some(import.total_ms));
            lines.push(line(" ", &name, &[String::new(), String::new(), total]));
        }
    }
    let marked = |said: String| page::marked(Look::Dim, &said);
    lines.extend(advice(sum).into_iter().flat_map(marked));
    lines
}

/// The section of an HTML report.
pub(super) fn section(run: &Run) -> Markup {
    let Some(sum) = &run.anatomy else {
        return html! {};
    };
    html! {
        section.section id="anatomy" aria-labelledby="anatomy-title" {
            h2 id="anatomy-title" { (heading(sum)) }
            @for said in advice(sum) { p { (said) } }
            div.scroll tabindex="0" role="region" aria-label=(heading(sum)) {
                table.figures {
                    thead { tr {
                        th scope="colgroup" colspan="2" { (PART) }
                        @for head in [SHARE, MEDIAN, IN_ALL] { th.number scope="col" { (head) } }
                    } }
                    tbody { @for part in &sum.parts { tr {
                        th scope="row" { (part.part.word()) }
                        td { (part_bar(part.part, 0.0, part.share.unwrap_or(0.0))) }
                        @for cell in cells(part) { td.number { (cell) } }
                    } } }
                }
            }
            @if !sum.imports.is_empty() {
                table.figures {
                    (heads([(IMPORT, false), (COLD, true), (IN_ALL, true)]))
                    tbody { @for import in sum.imports.iter().take(MOST_IMPORTS) { tr {
                        th scope="row" { code { (import.module) } }
                        td.number { (show_count(import.n)) }
                        td.number { (said(Some(import.total_ms))) }
                    } } }
                }
            }
        }
    }
}
