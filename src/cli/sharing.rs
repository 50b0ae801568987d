//! `--threads`, `--shard`, `--start-at`: one run on many cores and many machines.

use std::{num::NonZeroU64, str::FromStr, thread, time::Duration};

use clap::Args;
use jiff::Timestamp;

use super::Failure;
use crate::{
    environment::variable,
    lang::{Phrase, texts},
    run::Sharing,
    schedule::Shard,
    units::parse_duration,
};

/// More threads than any machine has cores.
const MOST_THREADS: u64 = 1024;

texts! {
    const;
    no_threads(most: u64): "write how many threads send, 1 to {}, or auto for one per core",
        "보내는 스레드 수를 1~{} 사이로 쓰거나 코어마다 하나씩이면 auto를 쓰세요";
    NO_START: "write a time that all shards know, as 2026-11-29T12:00:00Z or as @ and seconds since 1970; or from now on, as +30s",
        "모든 샤드가 아는 시각을 2026-11-29T12:00:00Z 또는 @와 1970년 이후 초로 쓰세요. 지금부터라면 +30s처럼 쓰세요";
    OWN_START: "--start-at from now on is another time in each shard: give all of them the same one, for example --start-at \"@$(($(date +%s) + 30))\"",
        "지금부터 센 --start-at은 샤드마다 시각이 다릅니다. 모두에 같은 시각을 주세요. 예: --start-at \"@$(($(date +%s) + 30))\"";
    NO_ENGINE: "--shard auto finds nothing that says which shard this is: neither Slurm, Kubernetes, AWS Batch, Open MPI nor GNU parallel has set its variable; write --shard n/M",
        "--shard auto로 샤드 번호를 찾지 못했습니다. Slurm, Kubernetes, AWS Batch, Open MPI, GNU parallel의 환경 변수가 없습니다. --shard n/M을 쓰세요";
    several_engines(which: String): "--shard auto finds several answers, {}: write --shard n/M",
        "--shard auto로 찾은 샤드가 여럿입니다({}). --shard n/M을 쓰세요";
    no_count(variable: &str): "{} says which shard this is, and nothing says of how many: add --shards M",
        "{:은} 샤드 번호이지만 전체 샤드 수를 알 수 없습니다. --shards M을 추가하세요";
    no_number(variable: &str, found: String): "{} is `{}`, which is no number: write --shard n/M",
        "{}의 값 `{:`은} 수가 아닙니다. --shard n/M을 쓰세요";
}

/// Flags that share a run among threads and machines.
#[derive(Clone, Debug, Args)]
pub struct SharingFlags {
    /// Send with this many threads, or auto for one per core; each takes a part of the requests and
    /// of the connections
    #[arg(long, value_name = "N|auto", default_value = "1", value_parser = threads)]
    threads: NonZeroU64,
    /// Send only shard n, from 0, of M: `loadgen merge` makes one run of all. auto takes it from
    /// Slurm, Kubernetes, AWS Batch, Open MPI or GNU parallel
    #[arg(long, value_name = "n/M|auto", requires = "start_at")]
    shard: Option<ShardChoice>,
    /// How many shards there are, where --shard auto finds only which one this is
    #[arg(long, value_name = "M", requires = "shard")]
    shards: Option<u64>,
    /// Start at this time, 2026-11-29T12:00:00Z or @SECONDS since 1970, or after +DURATION
    #[arg(long, value_name = "TIME", value_parser = start)]
    start_at: Option<StartTime>,
}

/// A shard as typed.
#[derive(Clone, Copy, Debug)]
enum ShardChoice {
    Auto,
    Shard(Shard),
}

impl FromStr for ShardChoice {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<ShardChoice, Phrase> {
        match text {
            "auto" => Ok(ShardChoice::Auto),
            _ => text.parse().map(ShardChoice::Shard),
        }
    }
}

/// A start as typed.
#[derive(Clone, Copy, Debug)]
enum StartTime {
    At(Timestamp),
    After(Duration),
}

fn threads(text: &str) -> Result<NonZeroU64, Phrase> {
    let cores = || {
        thread::available_parallelism()
            .ok()
            .and_then(|n| NonZeroU64::try_from(n).ok())
    };
    match text {
        "auto" => Ok(cores().unwrap_or(NonZeroU64::MIN)),
        _ => text
            .parse()
            .ok()
            .filter(|threads: &NonZeroU64| threads.get() <= MOST_THREADS)
            .ok_or_else(|| no_threads(MOST_THREADS)),
    }
}

fn start(text: &str) -> Result<StartTime, Phrase> {
    if let Some(after) = text.strip_prefix('+') {
        return parse_duration(after).map(StartTime::After);
    }
    let at = match text.strip_prefix('@') {
        Some(seconds) => (seconds.parse().ok()).and_then(|s| Timestamp::from_second(s).ok()),
        None => text.parse().ok(),
    };
    at.map(StartTime::At).ok_or(NO_START.into())
}

impl SharingFlags {
    /// What was typed.
    ///
    /// # Errors
    /// A shard that nothing tells, and shards without a start that they share.
    pub fn sharing(&self) -> Result<Sharing, Failure> {
        let shard = match self.shard {
            None => None,
            Some(ShardChoice::Shard(shard)) => Some(shard),
            Some(ShardChoice::Auto) => Some(of_environment(self.shards, variable)?),
        };
        let start_at = match self.start_at {
            None => None,
            Some(StartTime::At(at)) => Some(at),
            Some(StartTime::After(_)) if shard.is_some() => return Err(Failure::new(OWN_START)),
            Some(StartTime::After(after)) => Some(Timestamp::now().checked_add(after)?),
        };
        Ok(Sharing {
            threads: self.threads,
            shard,
            start_at,
        })
    }
}

/// The shard that whatever started this process says it is. `read` gives a variable that is set.
///
/// # Errors
/// When none or several say so, or how many there are is not known.
fn of_environment(
    shards: Option<u64>,
    read: impl Fn(&str) -> Option<String>,
) -> Result<Shard, Failure> {
    let number = |name: &str| match read(name) {
        None => Ok(None),
        Some(text) => match text.parse::<u64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Failure::new(no_number(name, text))),
        },
    };
    let mut found: Vec<(&str, u64, Option<u64>)> = Vec::new();
    // Slurm's tasks, within each job of an array if there is one. A script that is no step has
    // these variables as well, with one task.
    let (mut index, mut of) = (0, 1);
    if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
        let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
        let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
        index = id.saturating_sub(first) / step;
        of = number("SLURM_ARRAY_TASK_COUNT")?.unwrap_or(1);
    }
    if let (Some(task), Some(tasks)) = (number("SLURM_PROCID")?, number("SLURM_NTASKS")?) {
        index = index.saturating_mul(tasks).saturating_add(task);
        of = of.saturating_mul(tasks);
    }
    if of > 1 {
        found.push(("Slurm", index, Some(of)));
    }
    if let Some(rank) = number("OMPI_COMM_WORLD_RANK")? {
        found.push((
            "OMPI_COMM_WORLD_RANK",
            rank,
            number("OMPI_COMM_WORLD_SIZE")?,
        ));
    }
    for name in ["JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] {
        found.extend(number(name)?.map(|index| (name, index, shards)));
    }
    if let Some(place) = number("PARALLEL_SEQ")? {
        found.push(("PARALLEL_SEQ", place.saturating_sub(1), shards));
    }
    match found.as_slice() {
        [] => Err(Failure::new(NO_ENGINE)),
        [(name, _, None)] => Err(Failure::new(no_count(name))),
        [(_, index, Some(of))] => Ok(Shard::new(*index, *of)?),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, ..)| *name).collect();
            Err(Failure::new(several_engines(names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(shards: Option<u64>, variables: &[(&str, &str)]) -> Result<String, String> {
        let read = |name: &str| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| (*value).to_owned())
        };
        let shard = of_environment(shards, read);
        shard
            .map(|shard| shard.to_string())
            .map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn every_engine_says_which_shard_this_is() {
        let step = [("SLURM_PROCID", "3"), ("SLURM_NTASKS", "4")];
        assert_eq!(found(None, &step), Ok("3/4".to_owned()));
        let array = [
            ("SLURM_ARRAY_TASK_ID", "14"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert_eq!(found(None, &array), Ok("2/3".to_owned()));
        let script = [&array[..], &[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "1")]].concat();
        assert_eq!(found(None, &script), Ok("2/3".to_owned()));
        let tasks = [&array[..], &[("SLURM_PROCID", "1"), ("SLURM_NTASKS", "2")]].concat();
        assert_eq!(found(None, &tasks), Ok("5/6".to_owned()));
        let mpi = [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "2")];
        assert_eq!(found(None, &mpi), Ok("0/2".to_owned()));
        for name in ["JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] {
            assert_eq!(found(Some(8), &[(name, "7")]), Ok("7/8".to_owned()));
            let alone = found(None, &[(name, "7")]).expect_err("no count");
            assert!(alone.contains("add --shards M"), "{alone}");
        }
        assert_eq!(
            found(Some(2), &[("PARALLEL_SEQ", "2")]),
            Ok("1/2".to_owned())
        );
    }

    #[test]
    fn what_leaves_the_shard_open_is_refused() {
        for (shards, variables, said) in [
            (None, &[][..], "write --shard n/M"),
            (
                None,
                &[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "1")],
                "finds nothing",
            ),
            (
                Some(2),
                &[("JOB_COMPLETION_INDEX", "2")],
                "there is no shard 2 of 2",
            ),
            (Some(2), &[("JOB_COMPLETION_INDEX", "x")], "is no number"),
            (
                Some(2),
                &[("JOB_COMPLETION_INDEX", "1"), ("PARALLEL_SEQ", "1")],
                "JOB_COMPLETION_INDEX, PARALLEL_SEQ",
            ),
        ] {
            let error = found(shards, variables).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_start_is_a_time_that_all_know_or_a_while_from_now() {
        let at = |text| match start(text) {
            Ok(StartTime::At(at)) => at.as_second(),
            other => panic!("{other:?}"),
        };
        assert_eq!(at("@1700000000"), at("2023-11-14T22:13:20Z"));
        assert!(matches!(start("+30s"), Ok(StartTime::After(after)) if after.as_secs() == 30));
        for wrong in ["soon", "12:00", "@x", "+", ""] {
            assert!(start(wrong).is_err(), "{wrong}");
        }
    }
}
