//! One of the equal parts of a run that threads or machines share.

use std::{fmt, num::NonZeroU64, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Step;
use crate::{
    lang::{Phrase, texts},
    scenario::Arrivals,
};

/// More parts than any user would start.
const MOST_SHARDS: u64 = 100_000;

texts! {
    const;
    no_shard(found: String): "`{}` names no shard: write n/M with n from 0 to M - 1, for example 0/4 to 3/4, or auto",
        "`{}`: 샤드가 아닙니다. n/M 형식으로 쓰세요. n은 0부터 M - 1까지입니다. 예: 0/4부터 3/4까지. 또는 auto";
    beyond(index: u64, of: u64, last: u64): "there is no shard {} of {}: they count from 0, so the last one is {}",
        "샤드 {1}개 중 {0}번은 없습니다. 샤드는 0부터 세므로 마지막은 {2}번입니다";
    too_many(of: u64, most: u64): "{} shards are more than {}", "샤드 {}개는 최대 {}개를 넘습니다";
}

/// Every `of`-th arrival of a schedule, beginning with number `index`. All shards together are the
/// schedule, and no arrival is in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "ShardNumbers", into = "ShardNumbers")]
pub struct Shard {
    index: u64,
    of: NonZeroU64,
}

/// A shard as a file has it.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
struct ShardNumbers {
    index: u64,
    of: u64,
}

impl Shard {
    /// The only shard of a run that is not shared.
    pub const WHOLE: Shard = Shard {
        index: 0,
        of: NonZeroU64::MIN,
    };

    /// Shard `index`, from 0, of `of`.
    ///
    /// # Errors
    /// An index that is not below `of`, and more than 100,000 shards.
    pub fn new(index: u64, of: u64) -> Result<Shard, Phrase> {
        match NonZeroU64::new(of) {
            Some(of) if of.get() > MOST_SHARDS => Err(too_many(of.get(), MOST_SHARDS)),
            Some(of) if index < of.get() => Ok(Shard { index, of }),
            _ => Err(beyond(index, of, of.saturating_sub(1))),
        }
    }

    /// Which shard it is, from 0.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many shards there are; at least 1.
    pub fn of(self) -> u64 {
        self.of.get()
    }

    /// Whether the arrival with this index belongs to it.
    pub fn takes(self, arrival: u64) -> bool {
        arrival % self.of == self.index
    }

    /// How many of the arrivals with an index below `end` belong to it.
    pub fn share_of(self, end: u64) -> u64 {
        end / self.of + u64::from(self.index < end % self.of)
    }

    /// This shard shared out once more, for example among threads: together they are this shard.
    pub fn split(self, into: NonZeroU64) -> impl Iterator<Item = Shard> {
        let of = self.of.saturating_mul(into);
        (0..into.get()).map(move |part| Shard {
            index: self.index + part * self.of(),
            of,
        })
    }

    /// What this shard sends of a step.
    pub(super) fn of_step(self, step: &Step) -> Step {
        let (first, end) = (step.first_index, step.first_index + step.count);
        let count = self.share_of(end) - self.share_of(first);
        let of = self.of() as f64;
        let arrivals = match step.arrivals {
            Arrivals::Burst { within, .. } => Arrivals::Burst { count, within },
            Arrivals::Rate { per_second, length } => Arrivals::Rate {
                per_second: per_second / of,
                length,
            },
            Arrivals::Ramp { from, to, length } => Arrivals::Ramp {
                from: from / of,
                to: to / of,
                length,
            },
            Arrivals::Poisson { per_second, length } => Arrivals::Poisson {
                per_second: per_second / of,
                length,
            },
            idle @ Arrivals::Idle(_) => idle,
        };
        Step {
            arrivals,
            count,
            // Which flows are the shard's is drawn, so this is a share of all.
            requests: (step.requests * count).div_ceil(step.count.max(1)),
            first_index: self.share_of(first),
            faults: step.fault.map_or(0, |fault| fault.of(count)),
            ..step.clone()
        }
    }
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Shard, Phrase> {
        let numbers = text.trim().split_once('/');
        let number = |part: &str| part.trim().parse::<u64>().ok();
        match numbers.and_then(|(index, of)| Some((number(index)?, number(of)?))) {
            Some((index, of)) if of > 0 => Shard::new(index, of),
            _ => Err(no_shard(text.chars().take(60).collect())),
        }
    }
}

impl TryFrom<ShardNumbers> for Shard {
    type Error = Phrase;

    fn try_from(numbers: ShardNumbers) -> Result<Shard, Phrase> {
        Shard::new(numbers.index, numbers.of)
    }
}

impl From<Shard> for ShardNumbers {
    fn from(shard: Shard) -> ShardNumbers {
        ShardNumbers {
            index: shard.index,
            of: shard.of(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_shards_are_what_each_takes() {
        for of in [1, 2, 3, 7] {
            for end in 0..30 {
                for index in 0..of {
                    let shard = Shard::new(index, of).expect("a shard");
                    let taken = (0..end).filter(|arrival| shard.takes(*arrival)).count();
                    assert_eq!(shard.share_of(end), taken as u64, "{shard} of {end}");
                }
            }
        }
        // A file may say any number.
        let first = Shard::new(0, 2).expect("a shard");
        assert_eq!(first.share_of(u64::MAX), 1 << 63);
    }
}
