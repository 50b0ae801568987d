//! What a comparison of two runs says.

use super::known::statements;
use crate::lang::{Percent, PlainNumber, Statement, Text, Value};

statements! {
    // The verdict
    runs_differ(changes: Statement): "B differs from A: {}.", "B가 A와 다릅니다: {}.";
    and_change(so_far: Statement, change: Statement): "{}, {}", "{}, {}";
    and_others(so_far: Statement, more: u64): "{}, and {more} {more?figure|figures} more", "{}, 그 밖에 지표 {more}개";
    slower(figure: &str, by: Percent): "{} {} slower", "{} {} 느림";
    faster(figure: &str, by: Percent): "{} {} faster", "{} {} 빠름";
    points_more(figure: &str, points: PlainNumber): "{} {} points more", "{} {}포인트 증가";
    points_less(figure: &str, points: PlainNumber): "{} {} points less", "{} {}포인트 감소";
    changed(figure: &str): "{} changed", "{} 변화";
    no_difference(): "No significant difference.", "유의미한 차이가 없습니다.";
    no_difference_above(size: Percent, figure: &str): "No significant difference. Only changes above about {} in {} could be detected.",
        "유의미한 차이가 없습니다. {1}에서 약 {0}를 넘는 변화만 감지할 수 있었습니다.";
    runs_not_comparable(why: Statement): "Whether the runs differ cannot be determined: {}.", "두 실행이 다른지 판단할 수 없습니다: {}.";
    no_common_figure(): "they have no figure in common", "공통 지표가 없음";

    // Why a figure is not compared
    phase_needs_samples(): "figures of one phase or function need every sample of the run: name a run's folder that holds them all",
        "단계별, 함수별 지표에는 실행의 모든 샘플이 필요함. 샘플이 모두 있는 실행 폴더를 지정하세요";
    no_interval(): "too few requests for a confidence interval; send more bursts", "신뢰 구간을 구하기에 요청이 너무 적음. 버스트를 더 보내세요";
    one_observation(): "one burst, or one request, is one observation: let the phases run three times or more",
        "버스트 하나 또는 요청 하나는 관측 하나로 셉니다. 단계를 세 번 이상 반복하세요";
    none_sampled(): "none of its requests is among the samples", "해당하는 요청이 샘플에 없음";
    not_in_report(): "a report does not say how it scatters: name the run's folder, or write its report anew",
        "보고서에 흩어진 정도가 없음. 실행 폴더를 지정하거나 보고서를 다시 작성하세요";
    too_few_requests(n: u64, needed: u64): "{} requests are too few, {} would be needed", "요청 {}회는 너무 적음, {}회 필요";
    only_percentiles(): "only percentiles have a confidence interval", "신뢰 구간은 백분위수에만 있음";
    temperatures_unknown(n: u64): "{n} {n?request is|requests are} not known to be cold or warm", "콜드인지 웜인지 알 수 없는 요청 {n}회";
    no_known_request(): "no request is known to be cold or warm", "콜드인지 웜인지 알려진 요청이 없음";
    no_sent_request(): "no request was sent", "보낸 요청이 없음";
    figure_not_compared(): "it is not compared", "비교하지 않는 지표";
    init_mean_only(): "of a run it is known as a mean alone, which does not say how it scatters",
        "한 실행에 평균만 있어 흩어진 정도를 알 수 없음";
    init_unknown(): "no line of Lambda's says how long the environments of a run initialised",
        "실행 환경의 초기화 시간을 나타내는 Lambda 로그 줄이 없음";

    // What else differs
    scenario_differs(a: &str, b: &str): "The scenario differs: {} in A, {} in B.", "시나리오가 다릅니다: A {}, B {}.";
    title_differs(a: Statement, b: Statement): "What it does differs: {} in A, {} in B.", "내용이 다릅니다: A {}, B {}.";
    flags_differ(a: impl Into<Value>, b: impl Into<Value>): "What flags changed differs: {} in A, {} in B.",
        "플래그로 변경한 값이 다릅니다: A {}, B {}.";
    seed_differs(a: String, b: String): "The seed differs: {} in A, {} in B.", "시드가 다릅니다: A {}, B {}.";
    target_kind_differs(a: Text, b: Text): "The kind of target differs: {} in A, {} in B.", "대상의 종류가 다릅니다: A {}, B {}.";
    target_differs(a: &str, b: &str): "The target differs: {} in A, {} in B.", "대상이 다릅니다: A {}, B {}.";
    version_differs(a: &str, b: &str): "The version of loadgen differs: {} in A, {} in B.", "loadgen 버전이 다릅니다: A {}, B {}.";
    file_differs(): "The scenario's text differs.", "시나리오 파일의 내용이 다릅니다.";
    run_stopped_early(run: &str, why: Statement): "{} was stopped early: {}.", "{0:은} 조기에 중단되었습니다: {1}.";
    run_interrupted(run: &str): "{} was interrupted, so it is only part of a run.", "{0:은} 중단되어 실행의 일부만 있습니다.";
    report_alone(run: &str): "Of {} there is its report alone: how its figures scatter is as that says.",
        "{0:은} 보고서만 있어 흩어진 정도를 보고서에서 읽었습니다.";
    some_samples(run: &str): "Of {} only some samples are there: its figures count every request, and how they scatter is told by those.",
        "{0:은} 샘플이 일부만 있습니다. 수치는 모든 요청을 세고 흩어진 정도는 남은 샘플로 구했습니다.";
    compared_by(): "A burst counts as one observation and steady traffic as up to 30 slices of time. Bands hold the true change with 95 % confidence, from order statistics (percentiles) and Wilson's interval (shares), combined by MOVER. The verdict is over all figures, with Holm's correction, so that runs that do not differ are called different in about 5 % of comparisons or fewer.",
        "버스트는 관측 하나로, 일정한 트래픽은 최대 30개의 시간 구간으로 셉니다. 구간은 95% 신뢰도로 실제 변화를 포함하며 순서 통계량(백분위수)과 Wilson 구간(비율)을 MOVER로 결합해 구합니다. 판정은 모든 지표에 Holm 보정을 적용하므로 다르지 않은 실행을 다르다고 하는 경우는 비교의 약 5% 이하입니다.";
}
