//! High iterator age: a stream waits for more than two hours.

use super::{Condition, Id, Insight, Need, Provoked, Quantity};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::HighIteratorAge,
    name: Text::new("High iterator age", "높은 반복기 나이"),
    when: Text::new(
        "the function's iterator was older than two hours",
        "함수의 반복기가 두 시간보다 오래됨",
    ),
    condition: Condition::MoreThan(Quantity::IteratorAge, 2 * 60 * 60 * 1000),
    needs: &[Need::AwsIntegration, Need::Stream],
    implies: &[],
    advice: Text::new(
        "The function reads its stream more slowly than it fills: add shards, raise the batch size or the parallelization factor, or make the handler faster. Failing batches that are retried hold a shard up too.",
        "스트림에 쌓이는 속도보다 함수가 읽는 속도가 느립니다. 샤드를 늘리거나, 배치 크기나 병렬화 계수를 키우거나, 핸들러를 빠르게 만드세요. 실패하여 재시도되는 배치도 샤드를 막습니다.",
    ),
    anchor: "high-iterator-age",
    provoked_by: Provoked::Never(Text::new(
        "the sample app reads a queue, and only streams (Kinesis, DynamoDB) have an iterator",
        "샘플 앱은 대기열을 읽으며, 반복기는 스트림(Kinesis, DynamoDB)에만 있습니다",
    )),
};
