//! What a comparison of two runs says.

use super::rows::{
    A, B, CHANGE, ChangeRow, ChangeTable, ComparedSide, ComparedSides, FIGURE, FIGURES, band,
    change_said, limit, none, signed,
};
use crate::{
    compare::{ChangeLimitResult, ComparedFigure, Comparison, Conclusion, InsightChange},
    lang::{Phrase, Statement, Text, texts},
    record::{Run, TargetKind},
    report::{
        figure_said,
        functions::FUNCTIONS,
        grouped,
        html::clock,
        rows::ReportRow,
        text::{Look, class_word},
        words::{CANNOT_TELL, FUNCTION},
    },
    scenario::{Metric, NamedFigure},
    stats::{Class, Measure},
};

/// The columns of a figure's cells.
const COLUMNS: [Text; 5] = [
    A,
    B,
    CHANGE,
    Text::new("95 % band", "95% 구간"),
    Text::new("shows from", "감지 하한"),
];

/// The comparison of these runs.
pub(super) fn sides(compared: &Comparison, runs: [&Run; 2]) -> ComparedSides {
    let side = |run: &Run| ComparedSide {
        name: run.run_id.clone(),
        facts: vec![requests(run).to_string()],
        further: vec![place(run), clock(run.started_at)],
    };
    let table = |id, heading, first, rows| ChangeTable {
        id,
        heading,
        explains: false,
        first,
        columns: &COLUMNS,
        rows,
    };
    let is_of_all = |row: &&ComparedFigure| row.metric.parse::<Metric>().is_ok();
    let (of_all, of_functions): (Vec<_>, Vec<_>) = compared.rows.iter().partition(is_of_all);
    let [of_all, of_functions] =
        [of_all, of_functions].map(|rows| rows.into_iter().map(figure).collect());
    ComparedSides {
        command: "loadgen compare",
        look: verdict(compared),
        open: compared.finding == Conclusion::CannotTell,
        verdict: compared.verdict.to_string(),
        sides: runs.map(side),
        tables: vec![
            table("figures", FIGURES, FIGURE, of_all),
            table("functions", FUNCTIONS, FUNCTION, of_functions),
        ],
        insights: compared.insights.iter().map(insight).collect(),
        limits: compared.limits.iter().map(limited).collect(),
        notes: notes(compared),
        method: compared.method.to_string(),
    }
}

fn figure(row: &ComparedFigure) -> ChangeRow {
    let named = row.metric.parse::<NamedFigure>().ok();
    let metric = named.as_ref().map(|named| named.metric);
    let (group, label) = match named.as_ref().and_then(|named| named.group.as_ref()) {
        Some((part, name)) => (
            None,
            row.metric
                .replacen(&format!("{}.{name}.", part.key()), &format!("{name} "), 1),
        ),
        None => label(row, metric),
    };
    let look = look(row);
    let value = |value: Option<f64>| value.map_or_else(none, |it| figure_said(&row.metric, it));
    let [low, high] = [row.low, row.high].map(|bound| {
        let is_known = row.chance.is_some();
        bound.filter(|_| is_known).map(|bound| said(row, bound))
    });
    ChangeRow {
        look,
        class: match metric {
            Some(Metric::Latency(_, class, _)) => Some(class),
            Some(Metric::ColdShare) => Some(Class::Cold),
            _ => None,
        },
        name: match group {
            None => label.clone(),
            Some(_) => row.metric.clone(),
        },
        group,
        label,
        cells: vec![
            value(row.a),
            value(row.b),
            change(row, row.change),
            band(low, high),
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
fn verdict(compared: &Comparison) -> Look {
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
    ERRORS: "errors", "오류";
    SHARES: "Shares, changes in points", "비율, 변화는 포인트 단위";
    insight_on(insight: &str, function: &str): "{} of {}", "{1}의 {0}";
    GAINED: "gained: B has it and A has not", "추가됨(B에 있고 A에 없음)";
    LOST: "lost: A has it and B has not", "사라짐(A에 있고 B에 없음)";
    uncertain(change: Text, why: Statement): "{}, unless it only was not seen ({})", "{}. 관측되지 않았을 뿐일 수 있음: {}";
    undetermined(change: String, why: Statement): "{}, which cannot be determined: {}", "{}, 판단할 수 없음: {}";
    simulated_requests(count: u64): "{} requests simulated, none sent", "요청 {}회 시뮬레이션(보낸 요청 없음)";
    sent_requests(count: u64): "{} requests sent", "보낸 요청 {}회";
    MODEL: "the model in virtual time (simulated)", "가상 시간의 모델(시뮬레이션)";
    SANDBOX: "a loadgen sandbox (simulated Lambda)", "loadgen 샌드박스(시뮬레이션된 Lambda)";
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
        Some(Metric::ColdShare) => (Some(SHARES), class_word(Class::Cold)),
        Some(Metric::ErrorsShare) => (Some(SHARES), ERRORS.to_string()),
        _ => (None, row.metric.clone()),
    }
}

/// An Insight that only one of the runs has.
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

/// A limit with its result.
fn limited(result: &ChangeLimitResult) -> ReportRow {
    let was = change(&result.row, result.row.change);
    match &result.row.reason {
        Some(why) if !result.fails() => {
            let outcome = undetermined(was, why.clone()).to_string();
            ReportRow::of(Look::Bad, result.limit.clone(), outcome)
        }
        _ => limit(
            &result.limit,
            was,
            result.exceeds_limit,
            result.is_significant,
        ),
    }
}

/// Why figures have no band, each reason once with its figures; then what else differs.
fn notes(compared: &Comparison) -> Vec<String> {
    let rows = compared.rows.iter();
    let reasons = rows.filter_map(|row| Some((row.reason.as_ref()?, row.metric.as_str())));
    let sentence =
        |(why, metrics): (&Statement, Vec<&str>)| format!("{}: {why}", metrics.join(", "));
    let reasons = grouped(reasons).into_iter().map(sentence);
    reasons
        .chain(compared.notes.iter().map(ToString::to_string))
        .collect()
}

/// How many requests a run rests on, and whether any was sent.
fn requests(run: &Run) -> Phrase {
    match run.simulated {
        true => simulated_requests(run.requests.sent),
        false => sent_requests(run.requests.sent),
    }
}

/// Where a run's requests went.
fn place(run: &Run) -> String {
    match (run.simulated, run.target.kind) {
        (true, _) => MODEL.to_string(),
        (false, TargetKind::Sandbox) => SANDBOX.to_string(),
        (false, _) => run.target.url.clone(),
    }
}

/// A change with its sign: `+3.2 %`, or `-0.4 pt` for a share.
fn change(row: &ComparedFigure, change: Option<f64>) -> String {
    change.map_or_else(none, |change| said(row, change))
}

fn said(row: &ComparedFigure, change: f64) -> String {
    match row.is_share() {
        true => format!("{} pt", signed(change * 100.0, 9.95)),
        false => change_said(change).to_string(),
    }
}

/// The smallest change that would have been detected: `8 %`.
fn could_show(row: &ComparedFigure) -> String {
    let size = change(row, row.could_show);
    size.trim_start_matches('+').to_owned()
}
