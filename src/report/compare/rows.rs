//! What a comparison says, for every format.

use crate::{
    compare::{ChangeLimitResult, ComparedFigure, Comparison, Conclusion, InsightChange},
    lang::{Phrase, Statement, Text, texts},
    record::Run,
    report::{
        figure_said,
        rows::ReportRow,
        text::{Look, class_word},
        words::CANNOT_TELL,
    },
    scenario::{Metric, Unit},
    stats::{Class, Measure},
    units::show_signed,
};

/// The columns of a figure's cells.
pub(super) const COLUMNS: [Text; 5] = [
    Text::new("A", "A"),
    Text::new("B", "B"),
    Text::new("change", "변화"),
    Text::new("95 % band", "95% 구간"),
    Text::new("shows from", "감지 하한"),
];

/// A figure of both runs.
pub(super) struct FigureRow<'a> {
    /// Whether the figure changed beyond noise, and for the better or the worse.
    pub look: Look,
    /// The class of requests that the figure is about, where it is about one.
    pub class: Option<Class>,
    pub metric: &'a str,
    /// The figures that the row stands among, and its name there.
    pub group: Option<Text>,
    pub label: String,
    /// The values under [`COLUMNS`].
    pub cells: [String; 5],
    /// Whether the change is certain among all figures.
    pub differs: bool,
    /// The finding in words.
    pub finding: Text,
}

/// The figures in the order of the comparison.
pub(super) fn figures(compared: &Comparison) -> Vec<FigureRow<'_>> {
    compared.rows.iter().map(figure_row).collect()
}

fn figure_row(row: &ComparedFigure) -> FigureRow<'_> {
    let metric = row.metric.parse::<Metric>().ok();
    let (group, label) = label(row, metric);
    let look = look(row);
    let value = |value: Option<f64>| value.map_or_else(none, |it| figure_said(&row.metric, it));
    FigureRow {
        look,
        class: match metric {
            Some(Metric::Latency(_, class, _)) => Some(class),
            Some(Metric::ColdShare) => Some(Class::Cold),
            _ => None,
        },
        metric: &row.metric,
        group,
        label,
        cells: [
            value(row.a),
            value(row.b),
            change(row, row.change),
            band(row),
            could_show(row),
        ],
        differs: row.differs_among_all(),
        finding: match look {
            Look::Good => LESS,
            Look::Bad => MORE,
            Look::Caution => BY_ITSELF,
            _ if row.chance.is_none() => CANNOT_TELL,
            _ => NONE_SHOWN,
        },
    }
}

fn look(row: &ComparedFigure) -> Look {
    match (row.differs_among_all(), row.differs()) {
        (true, _) if row.change.is_some_and(|change| change < 0.0) => Look::Good,
        (true, _) => Look::Bad,
        (false, true) => Look::Caution,
        (false, false) => Look::Dim,
    }
}

/// How the verdict looks.
pub(super) fn verdict(compared: &Comparison) -> Look {
    match compared.finding {
        Conclusion::Differ if compared.rows.iter().any(|row| look(row) == Look::Bad) => Look::Bad,
        Conclusion::Differ => Look::Good,
        Conclusion::NoDifference | Conclusion::CannotTell => Look::Dim,
    }
}

texts! {
    const;
    LESS: "less, above noise", "감소(오차 범위 밖)";
    MORE: "more, above noise", "증가(오차 범위 밖)";
    BY_ITSELF: "differs by itself, not among all", "단독으로는 다르나 전체 보정 후에는 다르지 않음";
    NONE_SHOWN: "no difference shown", "차이 없음";
    RESPONSE: "Response time, from the planned send", "응답 시간, 계획된 전송 시각부터";
    SERVICE: "Service time, from the first byte sent", "서비스 시간, 첫 바이트 전송부터";
    INITIALISED: "Init time of cold starts, by Lambda's own measure", "콜드 스타트의 초기화 시간, Lambda 측정값";
    SHARES: "Shares, changes in points", "비율, 변화는 포인트 단위";
    insight_on(insight: &str, function: &str): "{} of {}", "{1}의 {0}";
    GAINED: "gained: B has it and A has not", "추가됨(B에 있고 A에 없음)";
    LOST: "lost: A has it and B has not", "사라짐(A에 있고 B에 없음)";
    uncertain(change: Text, why: Statement): "{}, unless it only was not seen ({})", "{}. 관측되지 않았을 뿐일 수 있음: {}";
    exceeded(change: String): "{}, above the limit and above noise", "{}, 한도와 오차 범위를 모두 벗어남";
    undetermined(change: String, why: Statement): "{}, which cannot be determined: {}", "{}, 판단할 수 없음: {}";
    within_noise(change: String): "{} is above the limit, but not above noise", "{}, 한도를 벗어나지만 오차 범위 안";
    limit_kept(change: String): "kept, {}", "충족, {}";
    simulated_requests(count: u64): "{} requests simulated, none sent", "요청 {}회 시뮬레이션(보낸 요청 없음)";
    sent_requests(count: u64): "{} requests sent", "보낸 요청 {}회";
    percentage(number: String): "{} %", "{}%";
    between(low: String, high: String): "{} to {}", "{}~{}";
    or_more(low: String): "{} or more", "{} 이상";
    or_less(high: String): "{} or less", "{} 이하";
}

/// The heading that a figure stands under, and its name there.
fn label(row: &ComparedFigure, metric: Option<Metric>) -> (Option<Text>, String) {
    match metric {
        Some(Metric::Latency(measure, class, figure)) => {
            let heading = match measure {
                Measure::Service => SERVICE,
                Measure::Init => INITIALISED,
                Measure::Response | Measure::Connect => RESPONSE,
            };
            let label = format!("{} {}", class_word(class), figure.key());
            (Some(heading), label)
        }
        Some(metric) if metric.unit() == Unit::Share => {
            let name = row.metric.trim_end_matches(".share");
            (Some(SHARES), name.to_owned())
        }
        _ => (None, row.metric.clone()),
    }
}

/// The Insights that only one of the runs has.
pub(super) fn insights(compared: &Comparison) -> Vec<ReportRow> {
    compared.insights.iter().map(insight).collect()
}

fn insight(changed: &InsightChange) -> ReportRow {
    let (look, change) = match changed.gained {
        true => (Look::Bad, GAINED),
        false => (Look::Good, LOST),
    };
    let outcome = match &changed.uncertain {
        Some(why) => uncertain(change, why.clone()).to_string(),
        None => change.to_string(),
    };
    let name = insight_on(&changed.id, &changed.function);
    ReportRow::of(look, name.to_string(), outcome)
}

/// The limits, each with its result.
pub(super) fn limits(compared: &Comparison) -> Vec<ReportRow> {
    compared.limits.iter().map(limit).collect()
}

fn limit(result: &ChangeLimitResult) -> ReportRow {
    let was = change(&result.row, result.row.change);
    let (look, outcome) = match (
        result.exceeds_limit,
        result.is_significant,
        &result.row.reason,
    ) {
        (true, true, _) => (Look::Bad, exceeded(was)),
        (_, _, Some(why)) => (Look::Bad, undetermined(was, why.clone())),
        (true, false, None) => (Look::Caution, within_noise(was)),
        (false, _, None) => (Look::Good, limit_kept(was)),
    };
    ReportRow::of(look, result.limit.clone(), outcome.to_string())
}

/// Why figures have no band, each reason once with its figures; then what else differs.
pub(super) fn notes(compared: &Comparison) -> Vec<String> {
    let mut reasons: Vec<(&Statement, Vec<&str>)> = Vec::new();
    for row in &compared.rows {
        let Some(why) = &row.reason else { continue };
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, metrics)) => metrics.push(&row.metric),
            None => reasons.push((why, vec![&row.metric])),
        }
    }
    let sentence =
        |(why, metrics): (&Statement, Vec<&str>)| format!("{}: {why}", metrics.join(", "));
    let reasons = reasons.into_iter().map(sentence);
    reasons
        .chain(compared.notes.iter().map(ToString::to_string))
        .collect()
}

/// How many requests a run rests on, and whether any was sent.
pub(super) fn requests(run: &Run) -> Phrase {
    match run.simulated {
        true => simulated_requests(run.requests.sent),
        false => sent_requests(run.requests.sent),
    }
}

fn none() -> String {
    "–".to_owned()
}

/// A change with its sign: `+3.2 %`, or `-0.4 pt` for a share.
fn change(row: &ComparedFigure, change: Option<f64>) -> String {
    change.map_or_else(none, |change| signed(row, change))
}

fn signed(row: &ComparedFigure, change: f64) -> String {
    let percent = change * 100.0;
    let number = show_signed(percent, usize::from(percent.abs() < 9.95));
    match row.is_share() {
        true => format!("{number} pt"),
        false => percentage(number).to_string(),
    }
}

/// The band: `-4.1 % to +9.9 %`, open to a side that nothing bounds.
fn band(row: &ComparedFigure) -> String {
    let signed = |change| signed(row, change);
    let band = match (row.low.map(signed), row.high.map(signed)) {
        _ if row.chance.is_none() => return none(),
        (Some(low), Some(high)) => between(low, high),
        (Some(low), None) => or_more(low),
        (None, Some(high)) => or_less(high),
        (None, None) => return none(),
    };
    band.to_string()
}

/// The smallest change that would have been detected: `8 %`.
fn could_show(row: &ComparedFigure) -> String {
    let size = change(row, row.could_show);
    size.trim_start_matches('+').to_owned()
}
