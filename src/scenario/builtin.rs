//! The scenarios that come with loadgen: the files of `scenarios/`, compiled in.

use crate::lang::Text;

/// A scenario that comes with loadgen.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its name, which is its file's.
    pub name: &'static str,
    /// Its title, which in English is its file's.
    pub title: Text,
    /// The whole file.
    pub text: &'static str,
}

macro_rules! builtins {
    ($($name:literal: $en:literal, $ko:literal;)*) => {
        /// All of them, in the order in which a newcomer may want them.
        pub const BUILTINS: &[Builtin] = &[$(Builtin {
            name: $name,
            title: Text::new($en, $ko),
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        },)*];
    };
}

builtins! {
    "cold-start": "Idle until Lambda lets go, then a burst",
        "Lambda가 환경을 놓아줄 때까지 쉰 뒤 버스트";
    "errors": "Steady traffic, and one request in five raises",
        "일정한 트래픽, 요청 다섯 중 하나에서 예외 발생";
    "spike": "Steady traffic, then a sudden jump",
        "일정한 트래픽 뒤에 갑작스러운 급증";
    "steady": "A constant rate, the baseline to compare with",
        "일정한 속도, 비교의 기준선";
    "quiet": "Warm traffic on which no Insight appears",
        "인사이트가 하나도 나타나지 않는 웜 트래픽";
    "high-duration": "Requests that take 96 % of the function's timeout",
        "함수 제한 시간의 96 %가 걸리는 요청";
    "high-memory": "Requests that use 97 % of the function's memory",
        "함수 메모리의 97 %를 쓰는 요청";
    "out-of-memory": "Requests that want more memory than there is",
        "있는 것보다 많은 메모리를 요구하는 요청";
    "timeouts": "Requests that run into the function's timeout",
        "함수의 제한 시간을 넘기는 요청";
    "throttles": "More requests at once than environments allowed",
        "허용된 환경 수보다 많은 동시 요청";
    "over-provisioned": "A function that uses less than a tenth of its memory",
        "메모리의 10분의 1도 쓰지 않는 함수";
    "provisioned-concurrency": "Fifty environments kept ready, and few at work",
        "환경 50개를 준비해 두고 조금만 사용";
}

/// The built-in scenario of this name.
pub fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS
        .iter()
        .copied()
        .find(|builtin| builtin.name == name)
}
