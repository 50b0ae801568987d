//! The titles of the scenarios that come with loadgen.

use super::known::statements;

statements! {
    title_cold_start(): "Idle until environments are reclaimed, then a burst",
        "환경이 회수될 때까지 유휴, 이어서 버스트";
    title_errors(): "Steady traffic, and one request in five raises",
        "일정한 트래픽, 요청 다섯 중 하나에서 예외 발생";
    title_spike(): "Steady traffic, then a sudden jump", "일정한 트래픽 뒤에 갑작스러운 급증";
    title_steady(): "A constant rate, the baseline to compare with", "일정한 도착률, 비교의 기준";
    title_quiet(): "Warm traffic on which no Insight appears", "인사이트가 하나도 나타나지 않는 웜 트래픽";
    title_high_duration(): "Requests that take 96 % of the function's timeout", "함수 제한 시간의 96%가 걸리는 요청";
    title_high_memory(): "Requests that use 97 % of the function's memory", "함수 메모리의 97%를 쓰는 요청";
    title_out_of_memory(): "Requests that want more memory than there is", "할당된 것보다 많은 메모리를 쓰려는 요청";
    title_timeouts(): "Requests that run into the function's timeout", "함수의 제한 시간을 넘기는 요청";
    title_throttles(): "More requests at once than environments allowed", "허용된 환경 수보다 많은 동시 요청";
    title_over_provisioned(): "A function that uses less than a tenth of its memory", "메모리의 10분의 1도 쓰지 않는 함수";
    title_shop(): "Customers sign in, browse and order", "고객이 로그인하고 둘러보고 주문함";
    title_provisioned_concurrency(): "Fifty environments kept ready, and few at work", "환경 50개를 준비해 두고 일부만 사용";
}

/// The built-in title that reads so in English.
pub fn of_builtin(english: &str) -> Option<crate::lang::Statement> {
    let known = KNOWN.iter().find(|known| known.text.en == english)?;
    Some(crate::lang::Statement::new(
        known.code,
        known.text,
        &[],
        Vec::new(),
    ))
}
