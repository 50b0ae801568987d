//! What a paired comparison says, for every format.

use crate::{
    ab::{AbFigure, AbLimit, AbPart, AbResult, AbSide, PairedFinding},
    lang::{Phrase, Text, texts},
    report::{
        rows::ReportRow,
        text::{Look, said},
        words::CANNOT_TELL,
    },
    units::show_signed,
};

texts! {
    pub(super) const;
    FIGURE: "figure", "지표";
    CHANGE: "change", "변화";
    BAND: "95 % interval", "95% 구간";
    FINDING: "finding", "판정";
    PART: "what cold starts were made of", "콜드 스타트의 구성";
    IMPORTS: "imports, each by itself", "임포트(자체 시간)";
    WAS_SAID: "How it was compared", "비교 방법";
    MORE: "more", "증가";
    LESS: "less", "감소";
    SAME: "the same", "같음";
    cold_starts(cold: u64, asked: u64): "{} of {} cold starts", "콜드 스타트 {1}회 중 {0}회";
    percentage(number: String): "{} %", "{}%";
    between(low: String, high: String): "{} to {}", "{}~{}";
    million(figure: &str): "{} (US dollars for a million)", "{}(백만 회당 미국 달러)";
    beyond(change: String): "{}, above the limit and above noise", "{}, 한도와 오차 범위를 모두 벗어남";
    within_noise(change: String): "{} is above the limit, but not above noise", "{}, 한도를 벗어나지만 오차 범위 안";
    kept(change: String): "kept, {}", "충족, {}";
}

/// How the verdict looks.
pub(super) fn verdict(result: &AbResult) -> Look {
    match look(result.finding) {
        _ if !result.passes() => Look::Bad,
        look => look,
    }
}

fn look(finding: PairedFinding) -> Look {
    match finding {
        PairedFinding::More => Look::Caution,
        PairedFinding::Less | PairedFinding::Same => Look::Good,
        PairedFinding::Undetermined => Look::Dim,
    }
}

/// A side's name with what it rests on.
pub(super) fn side(side: &AbSide) -> (&str, &str, Phrase) {
    (&side.name, &side.run_id, cold_starts(side.cold, side.asked))
}

/// A row of a table: how it looks, its name, and A, B, change, interval and finding.
pub(super) struct AbRow {
    pub look: Look,
    pub name: String,
    pub cells: [String; 5],
}

/// The figures that any pair has.
pub(super) fn figures(result: &AbResult) -> Vec<AbRow> {
    let shown = result.figures.iter();
    let shown = shown.filter(|it| it.change.is_some() || it.metric == result.deciding);
    shown.map(figure).collect()
}

fn figure(figure: &AbFigure) -> AbRow {
    let is_cost = figure.metric.starts_with("cost");
    let value = |value: Option<f64>| match value {
        Some(usd) if is_cost => format!("${usd:.2}"),
        Some(ms) => said(Some(ms)),
        None => "–".to_owned(),
    };
    let signed = |change: f64| percent(change).to_string();
    let band = figure.low.zip(figure.high);
    AbRow {
        look: look(figure.finding),
        name: match is_cost {
            true => million(&figure.metric).to_string(),
            false => figure.metric.clone(),
        },
        cells: [
            value(figure.a),
            value(figure.b),
            figure.change.map_or_else(|| "–".to_owned(), signed),
            band.map_or_else(
                || "–".to_owned(),
                |(low, high)| between(signed(low), signed(high)).to_string(),
            ),
            finding(figure.finding).to_string(),
        ],
    }
}

fn percent(change: f64) -> Phrase {
    let percent = change * 100.0;
    percentage(show_signed(percent, usize::from(percent.abs() < 9.95)))
}

fn finding(finding: PairedFinding) -> Text {
    match finding {
        PairedFinding::More => MORE,
        PairedFinding::Less => LESS,
        PairedFinding::Same => SAME,
        PairedFinding::Undetermined => CANNOT_TELL,
    }
}

/// Parts or imports.
pub(super) fn parts(parts: &[AbPart]) -> Vec<AbRow> {
    let row = |part: &AbPart| {
        let certain = match part.differs {
            true if part.change_ms > 0.0 => PairedFinding::More,
            true => PairedFinding::Less,
            false => PairedFinding::Undetermined,
        };
        let signed = |ms: f64| show_signed(ms, usize::from(ms.abs() < 99.5));
        AbRow {
            look: look(certain),
            name: (part.module.clone()).unwrap_or_else(|| part.part.word().to_string()),
            cells: [
                said(Some(part.a_ms)),
                said(Some(part.b_ms)),
                format!("{} ms", signed(part.change_ms)),
                between(signed(part.low_ms), signed(part.high_ms)).to_string(),
                match part.differs {
                    true => finding(certain).to_string(),
                    false => String::new(),
                },
            ],
        }
    };
    parts.iter().map(row).collect()
}

/// The limits, each with its result.
pub(super) fn limits(result: &AbResult) -> Vec<ReportRow> {
    let row = |limit: &AbLimit| {
        let change = limit
            .figure
            .change
            .map(|change| percent(change).to_string());
        let (look, outcome) = match (change, limit.beyond, limit.beyond_noise) {
            (None, ..) => (Look::Bad, CANNOT_TELL.to_string()),
            (Some(change), true, true) => (Look::Bad, beyond(change).to_string()),
            (Some(change), true, false) => (Look::Caution, within_noise(change).to_string()),
            (Some(change), false, _) => (Look::Good, kept(change).to_string()),
        };
        ReportRow::of(look, limit.limit.clone(), outcome)
    };
    result.limits.iter().map(row).collect()
}

/// The verdict, and where the difference lies.
pub(super) fn sentence(result: &AbResult) -> String {
    match &result.place {
        Some(place) => format!("{} {place}", result.verdict),
        None => result.verdict.to_string(),
    }
}
