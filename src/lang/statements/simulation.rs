//! What a simulation says of each function.

use super::known::statements;
use crate::lang::{FunctionName, Statement, Usd, Value};

statements! {
    ran(function: FunctionName<'_>, times: u64, cold: u64): "{} ran {} times, {} of them cold starts", "{}: 호출 {}회, 그중 콜드 스타트 {}회";
    ready_ahead(so_far: Statement, times: u64): "{}, {} found an environment made ready ahead", "{}, 미리 준비된 환경 사용 {}회";
    and_throttled(so_far: Statement, times: u64): "{}, {} were throttled", "{}, 스로틀링 {}회";
    and_raised(so_far: Statement, times: u64): "{}, {} raised or returned an error", "{}, 오류 {}건";
    and_timed_out(so_far: Statement, times: u64): "{}, {} timed out", "{}, 시간 초과 {}회";
    and_out_of_memory(so_far: Statement, times: u64): "{}, {} ran out of memory", "{}, 메모리 부족 {}회";
    most(so_far: Statement, longest: impl Into<Value>, mb: u64): "{}; the longest took {}, the most memory was {} MB", "{}. 최장 {}, 최대 메모리 {} MB";
    cost(so_far: Statement, cost: Usd): "{}; AWS would ask about {}.", "{}. AWS 예상 비용은 약 {}입니다.";
    dead_letters(messages: u64): "{} messages were received too often and went to the dead-letter queue.",
        "메시지 {}개가 수신 한도를 넘어 배달 못한 편지 대기열(DLQ)로 이동했습니다.";
    most_recent(): "the most recently used one", "가장 최근에 사용한 환경";
    newest(): "the newest one", "가장 새로운 환경";
    longest_idle(): "the one idle longest", "가장 오래 유휴였던 환경";
    assumptions(expiry: impl Into<Value>, reused: Statement, profile: &str): "The model's assumptions: idle environments are kept for {}, {} is reused first, durations of profile {}; the network and API Gateway take no time.",
        "모델의 가정: 유휴 환경의 유지 시간은 {}이고, {}부터 재사용하며, 소요 시간은 {} 프로필을 따릅니다. 네트워크와 API Gateway에는 시간이 걸리지 않습니다.";
}
