//! One run shared among threads of this process and among machines, with a common start.

use std::{iter, num::NonZeroU64, time::Duration};

use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use super::{RunError, RunErrorKind, Talk, target::Destination, words};
use crate::{
    engine::{EngineSummary, JobPart, TeamMember},
    record::{Kept, Run, ScenarioInfo, ShardReport},
    scenario::Scenario,
    schedule::{Schedule, Shard},
};

/// How a run is shared, and when it starts.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// How many threads send, each a part.
    pub threads: NonZeroU64,
    /// The part of this process; None: all of it.
    pub shard: Option<Shard>,
    /// When the run starts, by the wall clock; None: as soon as it can.
    pub start_at: Option<Timestamp>,
}

/// One thread sends all, now.
impl Default for Sharing {
    fn default() -> Sharing {
        Sharing {
            threads: NonZeroU64::MIN,
            shard: None,
            start_at: None,
        }
    }
}

impl Sharing {
    /// Checks that a run of this length, with at most this many requests in flight, can be shared
    /// and started in this way.
    ///
    /// # Errors
    /// A shard without a common start, a start that has passed, more parts than requests that may
    /// be in flight.
    pub(super) fn check(&self, length: Duration, in_flight: usize) -> Result<(), RunError> {
        let refused = |why: String| Err(RunErrorKind::Scenario.error(why));
        let Some(start) = self.start_at else {
            return match self.shard {
                Some(_) => refused(words::SHARD_WITHOUT_START.to_string()),
                None => self.check_parts(in_flight),
            };
        };
        let now = Timestamp::now();
        let late = Duration::try_from(now.duration_since(start)).unwrap_or_default();
        // A late shard sends the rest of its part.
        if late > length || (self.shard.is_none() && !late.is_zero()) {
            let at = start.to_string();
            return refused(words::start_has_passed(at, late, format!("{now:.0}")).to_string());
        }
        self.check_parts(in_flight)
    }

    fn check_parts(&self, in_flight: usize) -> Result<(), RunError> {
        let parts = self.shard().of().saturating_mul(self.threads.get());
        match parts <= in_flight as u64 {
            true => Ok(()),
            false => Err(RunErrorKind::Scenario
                .error(words::more_parts_than_requests(parts, in_flight as u64))),
        }
    }

    /// How many sign-ins all parts of a run make, at most.
    pub(super) fn sign_ins(&self, scenario: &Scenario, whole: &Schedule) -> u64 {
        let parts = self.shard().of().saturating_mul(self.threads.get());
        let traffic = scenario.traffic.as_ref();
        traffic.map_or(0, |of| of.sign_ins(whole.total(), whole.length(), parts))
    }

    /// The part of this process.
    pub(super) fn shard(&self) -> Shard {
        self.shard.unwrap_or_default()
    }

    /// The parts of the threads.
    pub(super) fn parts(&self) -> impl Iterator<Item = JobPart> {
        let team: Vec<Option<TeamMember>> = match self.threads.get() {
            1 => vec![None],
            // The number of threads of a machine fits into `usize`.
            many => TeamMember::team(many as usize)
                .into_iter()
                .map(Some)
                .collect(),
        };
        let start_at = self.start_at.map(Into::into);
        iter::zip(self.shard().split(self.threads), team).map(move |(shard, team)| JobPart {
            shard,
            start_at,
            team,
        })
    }

    /// When the run starts, if not `now`.
    pub(super) fn starts(&self, now: Timestamp) -> Timestamp {
        self.start_at.unwrap_or(now)
    }

    /// Reports when the run starts, if that is waited for.
    pub(super) fn tell_start(&self, talk: &Talk) {
        if let Some(at) = self.start_at
            && let Ok(left) = Duration::try_from(at.duration_since(Timestamp::now()))
            && !left.is_zero()
        {
            talk(&words::starts_at(at.to_string(), left).to_string());
        }
    }

    /// The name of the run's folder. A shard's has its number, since shards may share a disk.
    pub(super) fn folder_name(&self, scenario: &str) -> String {
        match self.shard {
            Some(shard) => format!("{scenario}-shard-{}-of-{}", shard.index(), shard.of()),
            None => scenario.to_owned(),
        }
    }

    /// Writes into the record which part of the run this is, and the id that all parts have. The id
    /// is computed from what the parts share, since nothing else assigns one.
    pub(super) fn mark(&self, run: &mut Run, whole: Option<&Schedule>, target: &Destination) {
        let Some(shard) = self.shard else {
            return;
        };
        let planned = |phase: usize| {
            let steps = whole.map_or(&[][..], Schedule::steps).iter();
            let of_phase = steps.filter(|step| step.phase == phase);
            of_phase.map(|step| step.count).sum()
        };
        let start_at = self.starts(run.started_at);
        // A sandbox of the shard's own has its own address.
        let place = match target.embedded_info() {
            Some(_) => "",
            None => run.target.url.as_str(),
        };
        run.run_id = shared_id(&run.scenario, place, shard, start_at);
        let total = whole.map_or(0, Schedule::total);
        run.samples = Kept::of_planned(total);
        run.shard = Some(ShardReport {
            shard,
            start_at,
            start_lag_ms: 0.0,
            clock_synchronised: clock_is_synchronised(),
            planned: total,
            phases: (0..run.phases.len()).map(planned).collect(),
            limits: std::mem::take(&mut run.thresholds),
        });
    }
}

/// Adds what the end of sending says about a shard.
pub(super) fn end(run: &mut Run, ended: &EngineSummary) {
    if let Some(shard) = &mut run.shard {
        shard.start_lag_ms = ended.start_lag.as_secs_f64() * 1e3;
    }
}

/// The id of a run that several processes send.
fn shared_id(info: &ScenarioInfo, place: &str, shard: Shard, start_at: Timestamp) -> String {
    let scenario = (&info.toml, &info.title.text, &info.changes, info.seed);
    let shared = format!("{:?}", (scenario, place, shard.of(), start_at));
    let digest = digest(&SHA256, shared.as_bytes());
    let unlike: String = digest
        .as_ref()
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let stamp = start_at.strftime("%Y%m%dT%H%M%SZ");
    format!("{}-{stamp}-{unlike}", info.name)
}

/// Whether the kernel calls the clock synchronised (`adjtimex(2)`: otherwise its state is
/// `TIME_ERROR`). None if the kernel cannot be asked.
#[cfg(target_os = "linux")]
fn clock_is_synchronised() -> Option<bool> {
    const TIME_ERROR: i32 = 5;
    let state = rtime_clock::adjtime::adjtimex(&mut rtime_clock::adjtime::Timex::new());
    state.ok().map(|state| state != TIME_ERROR)
}

#[cfg(not(target_os = "linux"))]
fn clock_is_synchronised() -> Option<bool> {
    None
}
