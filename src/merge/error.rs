//! Why shards cannot be merged.

use std::path::Path;

use crate::{
    lang::{Phrase, texts},
    run::{RunError, RunErrorKind},
};

texts! {
    pub(super) const;
    no_shard(path: String): "{} is a complete run and no shard: `loadgen merge` takes runs made with --shard",
        "{:은} 샤드가 아니라 하나의 완전한 실행입니다. `loadgen merge`는 --shard로 실행한 것을 합칩니다";
    already_merged(path: String): "{} is merged already", "{:은} 이미 합친 실행입니다";
    different(path: String, first: String, what: String): "{} and {} are no shards of one run: {}",
        "{0:와} {1:은} 같은 실행의 샤드가 아닙니다. {2}";
    twice(index: u64, first: String, second: String): "shard {} is there twice, in {} and in {}: leave one of them out",
        "샤드 {0}번이 {1:와} {2}에 두 번 있습니다. 하나를 빼세요";
    contradicts(path: String, what: String): "{} contradicts itself, so it was changed or damaged: {}",
        "{}의 내용이 서로 맞지 않습니다. 바뀌었거나 손상되었습니다. {}";
    not_written(path: String, why: &str): "the merged run in {} is not complete: {}", "{}에 합친 실행이 완전하지 않습니다: {}";
    OTHER_SCENARIO: "their scenarios differ", "시나리오가 다릅니다";
    other_seed(one: u64, other: u64): "their seeds are {} and {}", "시드가 {:와} {}입니다";
    other_target(one: &str, other: &str): "one sent to {}, the other to {}", "하나는 {:로}, 다른 하나는 {:로} 보냈습니다";
    other_count(one: u64, other: u64): "one is of {} shards, the other of {}", "전체 샤드 수가 {:와} {}입니다";
    other_start(one: String, other: String): "one was to start at {}, the other at {}", "시작 시각이 {:와} {}입니다";
    other_plan(one: u64, other: u64): "one plans {} requests in all, the other {}", "계획한 전체 요청 수가 {:와} {}입니다";
    other_run(one: &str, other: &str): "their run ids are {} and {}", "실행 ID가 {:와} {}입니다";
    own_plan(planned: u64, expected: u64): "run.json plans {} requests, and its part of the run is {}",
        "run.json이 계획한 요청은 {}회인데 이 샤드의 몫은 {}회입니다";
    foreign_sample(index: u64): "samples.ndjson has request {}, which belongs to another shard",
        "samples.ndjson에 다른 샤드의 요청 {}번이 있습니다";
    double_sample(index: u64): "samples.ndjson has request {} twice", "samples.ndjson에 요청 {}번이 두 번 있습니다";
    other_counts(answers: u64, found: u64): "run.json counts {} responses, and samples.ndjson {}",
        "run.json의 응답은 {}회인데 samples.ndjson에는 {}회가 있습니다";
    other_log(answers: u64, found: u64): "run.json counts {} responses, and histograms.hlog {}",
        "run.json의 응답은 {}회인데 histograms.hlog에는 {}회가 있습니다";
}

/// The shards are not those of one complete run.
pub(super) fn refused(why: Phrase) -> RunError {
    RunErrorKind::Record.error(why)
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
