//! What the progress says more than once.

use std::time::Duration;

use crate::lang::texts;

texts! {
    pub(super) const;
    waiting(name: String, length: Duration): "{}: waiting {} by the clock", "{}: 실제 시계로 {} 기다리는 중";
    to_go(left: Duration): "{} to go", "{} 남음";
    going_on(name: String, completed: u64, planned: u64, failed: u64): "{}: {} of {} requests completed, {} failed",
        "{}: 요청 {2}회 중 {1}회 완료, 실패 {3}회";
    rounds(name: &str, from: u32, to: u32, of: u32): "{} {} to {} of {}", "{} {3}회 중 {1}~{2}회";
    after_skipping(skipped: Duration): " ({} idle skipped)", "(유휴 {} 건너뜀)";
    is_certain(id: &str): "{} is certain", "{} 확실함";
    is_lost(id: &str): "{} can no longer appear", "{} 더는 나타날 수 없음";
    is_unwanted(id: &str): "{} is certain and must not appear", "{} 확실하지만 나타나면 안 됨";
    n_sent(count: u64): "{} sent", "보냄 {}회";
    n_failed(count: u64): "{} failed", "실패 {}회";
    n_cold(count: u64): "{} cold", "콜드 {}회";
    n_warm(count: u64): "{} warm", "웜 {}회";
    n_unknown(count: u64): "{} unknown", "알 수 없음 {}회";
    n_unknown_so_far(count: u64): "{} unknown so far", "아직 알 수 없음 {}회";
}
