//! How long environments initialised, in one sentence: the same for every report.

use super::{text::said, words::MEDIAN};
use crate::{
    insight::Basis,
    lang::{Text, texts},
    record::{InitSource, Run},
    stats::{Class, Measure},
};

texts! {
    const;

    joined(figures: String, known: u64, cold: u64, source: Text): "{}, of {} of {} cold starts, by {}",
        "{}. 콜드 스타트 {2}회 중 {1}회, 근거: {3}";
    joined_all(figures: String, known: u64, source: Text): "{}, of all {} cold starts, by {}",
        "{}. 콜드 스타트 {}회 전체, 근거: {}";
    not_joined(figures: String, times: u64, source: Text): "{}, of {} initialisations in the run's time range, by {}; which requests waited for them is not known",
        "{}. 실행 시간 범위의 초기화 {}회, 근거: {}. 어느 요청이 기다렸는지는 알 수 없습니다";
    MEAN: "mean", "평균";
    P95: "p95", "p95";
    LONGEST: "longest", "최장";
    LINES_CLOUDWATCH: "Lambda's REPORT lines in CloudWatch Logs", "CloudWatch Logs의 Lambda REPORT 줄";
    LINES_DATADOG: "Lambda's REPORT lines in Datadog's logs", "Datadog 로그의 Lambda REPORT 줄";
    LINES_SANDBOX: "the REPORT lines in the sandbox's logs (simulated)", "샌드박스 로그의 REPORT 줄(시뮬레이션)";
    LINES_HOST: "the REPORT lines of real processes on this machine", "이 컴퓨터에서 실행한 실제 프로세스의 REPORT 줄";
    METRIC_DATADOG: "Datadog's metric enhanced.init_duration", "Datadog 메트릭 enhanced.init_duration";
    METRIC_SANDBOX: "the sandbox's metric enhanced.init_duration (simulated)",
        "샌드박스 메트릭 enhanced.init_duration(시뮬레이션)";
    MODEL: "the model (simulated)", "모델(시뮬레이션)";
}

/// How long the run's environments initialised, and the source of that; None if it is unknown.
pub fn sentence(run: &Run) -> Option<String> {
    let times = run.init_times.as_ref()?;
    let source = match (times.source, times.basis) {
        (InitSource::Model, _) => MODEL,
        (InitSource::Metric, Basis::Sandbox) => METRIC_SANDBOX,
        (InitSource::Metric, _) => METRIC_DATADOG,
        (InitSource::ReportLines, Basis::Sandbox) if run.target.is_hosted() => LINES_HOST,
        (InitSource::ReportLines, Basis::Sandbox) => LINES_SANDBOX,
        (InitSource::ReportLines, Basis::Cloudwatch) => LINES_CLOUDWATCH,
        (InitSource::ReportLines, _) => LINES_DATADOG,
    };
    let known = run.latency(Measure::Init, Class::Cold);
    let (median, mean, longest) = match known.n > 0 {
        // Fewer than five support no median, and the mean needs no support.
        true => (
            known.p50,
            known.mean.filter(|_| known.p50.is_none()),
            known.max,
        ),
        false => (None, times.mean_ms, times.max_ms),
    };
    let figures = [
        (MEDIAN, median),
        (MEAN, mean),
        (P95, known.p95),
        (LONGEST, longest),
    ];
    let named = |(name, ms): (Text, Option<f64>)| ms.map(|ms| format!("{name} {}", said(Some(ms))));
    let figures: Vec<String> = figures.into_iter().filter_map(named).collect();
    let figures = figures.join(", ");
    let sentence = match known.n {
        0 => not_joined(figures, times.n, source),
        n if n == run.cold.cold => joined_all(figures, n, source),
        n => joined(figures, n, run.cold.cold, source),
    };
    Some(sentence.to_string())
}
