//! The quantities that Insights are made of: their names, and how much of each there was.

use super::known::statements;
use crate::lang::{Range, Statement};

statements! {
    invocations(): "invocations", "호출";
    errors(): "enhanced.errors", "enhanced.errors 오류";
    cold_starts(): "cold starts", "콜드 스타트";
    timeouts(): "timeouts", "시간 초과";
    out_of_memory(): "out-of-memory kills", "메모리 부족 종료";
    throttles(): "throttles", "스로틀링";
    cloudwatch_invocations(): "invocations in CloudWatch", "CloudWatch 기준 호출";
    reports(): "reported durations", "보고된 지속 기간";
    longest_duration(): "longest duration", "최장 지속 기간";
    timeout(): "timeout", "제한 시간";
    memory_used(): "largest memory used", "최대 사용 메모리";
    memory_size(): "memory size", "메모리 크기";
    iterator_age(): "iterator age", "반복기 나이";
    provisioned_concurrency(): "provisioned concurrency", "프로비저닝된 동시성";
    provisioned_utilization(): "provisioned concurrency utilization", "프로비저닝된 동시성 사용률";

    n_invocations(n: Range): "{n} {n?invocation|invocations}", "호출 {n}회";
    n_errors(n: Range): "{n} enhanced.errors", "enhanced.errors {n}건";
    n_cold_starts(n: Range): "{n} {n?cold start|cold starts}", "콜드 스타트 {n}회";
    n_timeouts(n: Range): "{n} {n?timeout|timeouts}", "시간 초과 {n}회";
    n_out_of_memory(n: Range): "{n} {n?out-of-memory kill|out-of-memory kills}", "메모리 부족 종료 {n}회";
    n_throttles(n: Range): "{n} {n?throttle|throttles}", "스로틀링 {n}회";
    n_cloudwatch_invocations(n: Range): "{n} {n?invocation|invocations} in CloudWatch", "CloudWatch 기준 호출 {n}회";
    n_reports(n: Range): "{n} {n?reported duration|reported durations}", "보고된 지속 기간 {n}건";
    unknown_number(of: Statement): "unknown {}", "횟수를 알 수 없는 {}";
    amount(of: Statement, much: Range): "{} {}", "{} {}";
}
