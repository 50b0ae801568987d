//! What a paired comparison says.

use super::rows::{
    A, B, CHANGE, ChangeRow, ChangeTable, ComparedSide, ComparedSides, FIGURE, FIGURES, band,
    change_band, change_said, limit, none, signed,
};
use crate::{
    ab::{AbFigure, AbLimit, AbPart, AbResult, AbSide, PairedFinding},
    lang::{Text, texts},
    report::{
        anatomy::{IMPORT, PART},
        rows::ReportRow,
        text::{Look, said},
        words::CANNOT_TELL,
    },
    scenario::Metric,
};

texts! {
    const;
    INTERVAL: "95 % interval", "95% 구간";
    PARTS: "what cold starts were made of", "콜드 스타트의 구성";
    IMPORTS: "imports, each by itself", "임포트(자체 시간)";
    MORE: "more", "증가";
    LESS: "less", "감소";
    SAME: "the same", "같음";
    cold_starts(cold: u64, asked: u64): "{} of {} cold starts", "콜드 스타트 {1}회 중 {0}회";
    million(figure: &str): "{} (US dollars for a million)", "{}(백만 회당 미국 달러)";
}

/// The columns of each table.
const COLUMNS: [Text; 4] = [A, B, CHANGE, INTERVAL];

/// The paired comparison.
pub(super) fn sides(result: &AbResult) -> ComparedSides {
    let side = |side: &AbSide| ComparedSide {
        name: side.name.clone(),
        facts: vec![
            cold_starts(side.cold, side.asked).to_string(),
            side.run_id.clone(),
        ],
        further: Vec::new(),
    };
    let table = |id, heading, first, rows| ChangeTable {
        id,
        heading,
        explains: id != "figures",
        first,
        columns: &COLUMNS,
        rows,
    };
    let parts = |parts: &[AbPart]| parts.iter().map(part).collect::<Vec<_>>();
    // The figures that any pair has.
    let figures = result.figures.iter();
    let figures = figures.filter(|it| it.pairs > 0 || it.metric == result.deciding);
    let verdict = std::iter::once(&result.verdict).chain(&result.place);
    let verdict: Vec<String> = verdict.map(ToString::to_string).collect();
    ComparedSides {
        command: "loadgen ab",
        look: match result.passes() {
            true => look(result.finding),
            false => Look::Bad,
        },
        open: result.passes() && result.finding == PairedFinding::Undetermined,
        verdict: verdict.join(" "),
        sides: [side(&result.a), side(&result.b)],
        tables: vec![
            table("figures", FIGURES, FIGURE, figures.map(figure).collect()),
            table("parts", PARTS, PART, parts(&result.parts)),
            table("imports", IMPORTS, IMPORT, parts(&result.imports)),
        ],
        insights: Vec::new(),
        limits: result.limits.iter().map(limited).collect(),
        notes: result.notes.iter().map(ToString::to_string).collect(),
        method: result.method.to_string(),
    }
}

fn look(finding: PairedFinding) -> Look {
    match finding {
        PairedFinding::More => Look::Caution,
        PairedFinding::Less | PairedFinding::Same => Look::Good,
        PairedFinding::Undetermined => Look::Dim,
    }
}

fn word(finding: PairedFinding) -> Text {
    match finding {
        PairedFinding::More => MORE,
        PairedFinding::Less => LESS,
        PairedFinding::Same => SAME,
        PairedFinding::Undetermined => CANNOT_TELL,
    }
}

fn row(name: String, finding: PairedFinding, cells: [String; 4]) -> ChangeRow {
    ChangeRow {
        look: look(finding),
        class: None,
        name: name.clone(),
        group: None,
        label: name,
        cells: cells.to_vec(),
        differs: matches!(finding, PairedFinding::More | PairedFinding::Less),
        finding: word(finding),
    }
}

fn figure(figure: &AbFigure) -> ChangeRow {
    let is_cost = figure.metric.starts_with("cost");
    let value = |value: Option<f64>| match value {
        Some(usd) if is_cost => format!("${usd:.2}"),
        Some(ms) => said(Some(ms)),
        None => none(),
    };
    let name = match is_cost {
        true => million(&figure.metric).to_string(),
        false => figure.metric.clone(),
    };
    let cells = [
        value(figure.a),
        value(figure.b),
        (figure.change).map_or_else(none, |change| change_said(change).to_string()),
        change_band(figure.low, figure.high),
    ];
    let class = match figure.metric.parse() {
        Ok(Metric::Latency(_, class, _)) => Some(class),
        _ => None,
    };
    ChangeRow {
        class,
        ..row(name, figure.finding, cells)
    }
}

/// A part of the cold starts, or an import.
fn part(part: &AbPart) -> ChangeRow {
    let finding = match part.differs {
        true if part.change_ms > 0.0 => PairedFinding::More,
        true => PairedFinding::Less,
        false => PairedFinding::Undetermined,
    };
    let ms = |ms: f64| signed(ms, 99.5);
    let name = part.module.clone();
    let cells = [
        said(Some(part.a_ms)),
        said(Some(part.b_ms)),
        format!("{} ms", ms(part.change_ms)),
        band(Some(ms(part.low_ms)), Some(ms(part.high_ms))),
    ];
    row(
        name.unwrap_or_else(|| part.part.word().to_string()),
        finding,
        cells,
    )
}

fn limited(result: &AbLimit) -> ReportRow {
    match result.figure.change {
        Some(change) => limit(
            &result.limit,
            change_said(change).to_string(),
            result.beyond,
            result.beyond_noise,
        ),
        None => ReportRow::of(Look::Bad, result.limit.clone(), CANNOT_TELL.to_string()),
    }
}
