//! What a benchmark does.

use super::known::statements;
use crate::lang::{PlainNumber, Value};

statements! {
    at_rate(rate: PlainNumber, length: impl Into<Value>, most: u64): "{}/s for {}, at most {} in flight",
        "{1} 동안 초당 {0}회, 동시 진행 최대 {2}회";
    closed_loop(connections: u64, length: impl Into<Value>): "{} connections in a closed loop for {}",
        "{1} 동안 연결 {0}개로 닫힌 루프";
    shared_loop(connections: u64, streams: u64, length: impl Into<Value>): "{} connections with {} requests at a time on each, in a closed loop for {}",
        "{2} 동안 연결 {0}개에 각각 동시 요청 {1}개로 닫힌 루프";
}
