//! What a phase does.

use super::known::statements;
use crate::lang::{FunctionName, Percent, PlainNumber, Statement, Value};

statements! {
    idle(length: impl Into<Value>): "idle for {}", "{} 동안 유휴";
    one_request(): "1 request", "요청 1회";
    at_once(count: u64): "{} requests at once", "동시에 요청 {}회";
    within(count: u64, length: impl Into<Value>): "{} requests within {}", "{1} 동안 고르게 요청 {0}회";
    rate(per_second: PlainNumber, length: impl Into<Value>): "{}/s for {}", "{1} 동안 초당 {0}회";
    ramp(from: PlainNumber, to: PlainNumber, length: impl Into<Value>): "{}/s to {}/s over {}", "{2} 동안 초당 {0}회에서 {1}회로";
    poisson(per_second: PlainNumber, length: impl Into<Value>): "{}/s on average (Poisson) for {}", "{1} 동안 평균 초당 {0}회(푸아송)";
    fault_share(share: Percent, fault: String): "{} {}", "요청의 {}에 {} 결함";
    to_function(arrivals: Statement, function: FunctionName<'_>): "{} to {}", "{1}에 {0}";
    with_fault(arrivals: Statement, fault: Statement): "{}, {}", "{}, {}";
}
