//! What a verdict rests on.

use super::known::statements;
use crate::lang::{FailureKind, InsightOn, TooFewSamples};

statements! {
    no_answer(failures: Vec<FailureKind>): "no request was answered{}", "응답을 받은 요청이 없음{}";
    failed_unasked(failed: u64, of: u64, failures: Vec<FailureKind>):
        "{} of {} requests failed unexpectedly{}", "요청 {1}회 중 {0}회가 예상과 달리 실패함{2}";
    if_meant(line: String): "if you expect that, write `{}`", "의도한 결과라면 `{:`으로} 지정하세요";
    ran_out(requests: u64): "{0} {0?request|requests} found a limit of this machine reached, so the figures are not the target's",
        "요청 {}회가 이 컴퓨터의 한도에 걸렸으므로 수치는 대상의 것이 아님";
    command_failed(code: u64): "the command ended with exit code {}", "명령이 종료 코드 {:으로} 끝남";
    command_killed(signal: u64): "the command was ended by signal {}", "명령이 신호 {:으로} 종료됨";
    command_interrupted(): "it was interrupted, and nothing is claimed", "중단되어 아무것도 판단하지 않음";
    sent_before_end(sent: u64): "{0} {0?request was|requests were} sent before the end, and nothing is claimed of the rest",
        "끝나기 전에 요청 {}회를 보냈으며 나머지에 대해서는 판단하지 않습니다";
    interrupted(sent: u64, planned: u64): "{} of {} requests were sent, and nothing is claimed of the rest",
        "요청 {1}회 중 {0}회를 보냈으며 나머지에 대해서는 판단하지 않습니다";
    one_shard(index: u64, of: u64): "this is shard {} of {} (counted from 0): the run is judged when `loadgen merge` has all of them",
        "샤드 {1}개 중 {0}번(0부터 셈)입니다. 모든 샤드를 `loadgen merge`로 합친 뒤 실행을 판정합니다";
    sent_of(sent: u64, planned: u64): "{} of {} requests were sent", "요청 {1}회 중 {0}회를 보냈습니다";
    seen(which: Vec<InsightOn>): "{} seen as expected", "{} 예상대로 나타남";
    missing(which: Vec<InsightOn>): "{} missing", "{} 나타나지 않음";
    not_seen_yet(which: Vec<InsightOn>): "{} not seen yet", "{} 아직 나타나지 않음";
    unexpected(which: Vec<InsightOn>): "{} seen and must not be", "{} 나타나지 않아야 하는데 나타남";
    undetermined(which: Vec<InsightOn>): "{} cannot be determined", "{} 판단할 수 없음";
    absent(which: Vec<InsightOn>): "{} absent as expected", "{} 예상대로 나타나지 않음";
    monitors_seen(which: Vec<String>): "monitors as expected: {}", "모니터가 예상대로임: {}";
    monitors_missed(which: Vec<String>): "monitors not as expected: {}", "모니터가 예상과 다름: {}";
    monitors_undetermined(which: Vec<String>): "monitors that cannot be determined: {}", "판단할 수 없는 모니터: {}";
    no_others(determined: u64): "no unexpected Insight among the {} that could be determined",
        "판단할 수 있는 인사이트 {}개 중 예상하지 않은 것 없음";
    others_undetermined(): "none of the Insights that must not appear could be determined",
        "나타나지 않아야 할 인사이트를 하나도 판단할 수 없음";
    thresholds_kept(all: u64): "all {} thresholds kept", "임계값 {}개를 모두 지킴";
    threshold_kept(): "the threshold kept", "임계값을 지킴";
    thresholds_missed(missed: u64, all: u64): "{} of {} thresholds missed", "임계값 {1}개 중 {0}개를 벗어남";
    too_few_samples(which: Vec<TooFewSamples>): "too few samples for {}", "샘플이 너무 적음: {}";
    figures_undetermined(which: Vec<String>): "{} cannot be determined", "{} 판단할 수 없음";
    not_asked(): "the data could not be asked for", "데이터를 조회할 수 없었음";
    nothing_checked(): "nothing was expected, limited or verified: add `[expect]` or `--threshold`",
        "예상, 임계값, 검증이 모두 없음: `[expect]` 또는 `--threshold`를 추가하세요";
}
