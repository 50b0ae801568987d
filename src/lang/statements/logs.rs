//! What Lambda's own log says of a run.

use super::known::statements;
use crate::lang::{FunctionName, Statement, Value};

statements! {
    no_lines(function: FunctionName<'_>): "CloudWatch Logs hold no REPORT line of {} in the run's time range",
        "실행의 시간 범위에서 CloudWatch Logs에 {} 함수의 REPORT 줄이 없습니다";
    report_lines(lines: u64, function: FunctionName<'_>, cold: u64, warm: u64): "CloudWatch Logs hold {lines} REPORT {lines?line|lines} of {function} in the run's time range: {cold} cold, {warm} warm",
        "실행의 시간 범위에서 CloudWatch Logs에 있는 {function} 함수의 REPORT 줄 {lines}개: 콜드 {cold}, 웜 {warm}";
    lines_silent(lines: Statement, unknown: u64): "{}, {} that do not say, since this platform writes no Init Duration",
        "{}, 알 수 없음 {}(이 플랫폼은 Init Duration을 쓰지 않음)";
    share_by_lines(lines: Statement, share: impl Into<Value>, condition: Statement): "{}; {} of this run's requests met a cold environment, {}",
        "{0}. 이 실행의 요청 중 콜드 환경을 만난 비율: {1}({2})";
    share_between(low: impl Into<Value>, high: impl Into<Value>): "between {} and {}", "{}~{}";
    all_lines_came(): "if all its lines have come", "줄이 모두 들어온 경우";
    lines_to_come(missing: u64): "if there was no other traffic: up to {} of its lines have not come",
        "다른 트래픽이 없었던 경우. 아직 들어오지 않은 줄이 최대 {}개";
    joined_none(lines: Statement): "{}. No id joins a line with its request, so which requests were cold is not known",
        "{}. 줄과 요청을 이어 주는 ID가 없어 어느 요청이 콜드였는지는 알 수 없습니다";
    joined_by_id(lines: Statement, joined: u64): "{lines}. {joined} {joined?request was|requests were} joined with {joined?its line|their lines} by id",
        "{}. 요청 {}회를 ID로 줄과 연결했습니다";
}
