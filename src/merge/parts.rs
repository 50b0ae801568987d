//! The shards as read from their folders, and whether they belong to one run.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use super::error::*;
use crate::{
    lang::{Phrase, statements::notes},
    record::{Folder, Intervals, Run, ShardReport, ShardResult, Statement},
    run::RunError,
    stats::{Class, Measure, Tally},
};

/// A shard that started this much later than the others missed the requests that were due in
/// between. Below this it only woke up late.
const LATE_MS: f64 = 1_000.0;

/// One shard.
pub(super) struct ShardFolder {
    pub folder: Folder,
    pub run: Run,
    pub report: ShardReport,
    pub figures: Tally,
}

/// The shards of one run that were found; at least one.
pub(super) struct RunParts {
    pub found: Vec<ShardFolder>,
}

impl RunParts {
    /// Reads the shards, in the order of their index.
    ///
    /// # Errors
    /// What is no shard, shards that are not of one run or contradict themselves, one shard twice.
    pub fn read(folders: &[PathBuf]) -> Result<RunParts, RunError> {
        let mut found = Vec::with_capacity(folders.len());
        for path in folders {
            found.push(ShardFolder::read(path)?);
        }
        found.sort_by_key(|part| part.report.shard.index());
        for pair in found.windows(2) {
            let [first, second] = pair else { continue };
            if let Some(what) = first.differs(second) {
                let (path, other) = (second.folder.path(), first.folder.path());
                return Err(refused(different(
                    shown(path),
                    shown(other),
                    what.to_string(),
                )));
            }
            let index = first.report.shard.index();
            if index == second.report.shard.index() {
                let (path, other) = (first.folder.path(), second.folder.path());
                return Err(refused(twice(index, shown(path), shown(other))));
            }
        }
        for part in &found {
            part.check()?;
        }
        match found.is_empty() {
            true => Err(refused(no_shard(shown(Path::new("."))))),
            false => Ok(RunParts { found }),
        }
    }

    /// The shard with the lowest index.
    pub fn first(&self) -> &ShardFolder {
        // `read` returns at least one.
        &self.found[0]
    }

    /// What all shards know of the run.
    pub fn report(&self) -> &ShardReport {
        &self.first().report
    }

    /// The result of each shard, including those that were not found.
    pub fn results(&self) -> Vec<ShardResult> {
        let found: BTreeMap<u64, &ShardFolder> = self
            .found
            .iter()
            .map(|part| (part.report.shard.index(), part))
            .collect();
        let report = self.report();
        let missing = |index| ShardResult {
            index,
            planned: planned(report, index),
            ..ShardResult::default()
        };
        let result = |index| {
            found
                .get(&index)
                .map_or_else(|| missing(index), |part| part.result())
        };
        (0..report.shard.of()).map(result).collect()
    }

    /// What a reader must know about the shards: first those that did not do their part, then the
    /// notes of their own records. A note that all records have appears once.
    pub fn notes(&self) -> Vec<Statement> {
        let of = self.report().shard.of();
        let mut all: Vec<Statement> = Vec::new();
        for shard in self.results().iter().filter(|shard| !shard.found) {
            all.push(notes::shard_missing(shard.index, of, shard.planned));
        }
        for part in &self.found {
            all.extend(part.troubles(of));
        }
        for part in &self.found {
            for note in part.own_notes() {
                let by_all = self
                    .found
                    .iter()
                    .all(|other| other.run.notes.contains(note));
                match by_all {
                    true if all.contains(note) => {}
                    true => all.push(note.clone()),
                    false => {
                        let index = part.report.shard.index();
                        all.push(notes::of_shard(index, note.clone()));
                    }
                }
            }
        }
        all
    }
}

/// How many of the planned requests are shard `index`'s.
fn planned(report: &ShardReport, index: u64) -> u64 {
    let shard = crate::schedule::Shard::new(index, report.shard.of());
    shard.map_or(0, |shard| shard.share_of(report.planned))
}

impl ShardFolder {
    fn read(path: &Path) -> Result<ShardFolder, RunError> {
        let folder = Folder::at(path);
        let mut run = folder.read_run()?;
        let Some(report) = run.shard.clone() else {
            return Err(match run.shards.is_empty() {
                true => refused(no_shard(shown(path))),
                false => refused(already_merged(shown(path))),
            });
        };
        // Keeps the latencies of phases with a threshold apart.
        run.thresholds.extend(report.limits.iter().cloned());
        Ok(ShardFolder {
            figures: folder.figures(&run)?,
            folder,
            run,
            report,
        })
    }

    /// Why this shard and another one do not belong to one run.
    fn differs(&self, other: &ShardFolder) -> Option<Phrase> {
        let (a, b) = (&self.run, &other.run);
        let (one, two) = (&self.report, &other.report);
        let scenario = |run: &Run| {
            let info = &run.scenario;
            (
                info.name.clone(),
                info.toml.clone(),
                info.changes.clone(),
                info.title.text.clone(),
            )
        };
        let (of_one, of_two) = (one.shard.of(), two.shard.of());
        let (seed_one, seed_two) = (a.scenario.seed, b.scenario.seed);
        if scenario(a) != scenario(b) {
            Some(OTHER_SCENARIO.into())
        } else if seed_one != seed_two {
            Some(other_seed(seed_one, seed_two))
        } else if (a.target.kind, &a.target.url) != (b.target.kind, &b.target.url)
            && !(self.has_own_sandbox() && other.has_own_sandbox())
        {
            Some(other_target(&a.target.url, &b.target.url))
        } else if of_one != of_two {
            Some(other_count(of_one, of_two))
        } else if one.start_at != two.start_at {
            Some(other_start(
                one.start_at.to_string(),
                two.start_at.to_string(),
            ))
        } else if (one.planned, &one.phases) != (two.planned, &two.phases) {
            Some(other_plan(one.planned, two.planned))
        } else if a.run_id != b.run_id {
            Some(other_run(&a.run_id, &b.run_id))
        } else {
            None
        }
    }

    /// Whether it sent to its own sandbox, which has its own address.
    fn has_own_sandbox(&self) -> bool {
        self.folder.telemetry_file().exists()
    }

    /// Checks that its files agree with each other. The files of a shard that was cut off may
    /// differ.
    fn check(&self) -> Result<(), RunError> {
        let contradicts = |what: Phrase| {
            let path = shown(self.folder.path());
            Err(refused(contradicts(path, what.to_string())))
        };
        let ShardReport { shard, planned, .. } = self.report;
        let own = self.run.requests.planned;
        // A flow may end before its last request.
        if planned > 0 && !self.run.has_flows() && own != shard.share_of(planned) {
            return contradicts(own_plan(own, shard.share_of(planned)));
        }
        let mut seen = BTreeSet::new();
        for sample in self.folder.samples()? {
            let index = sample.index;
            if !shard.takes(index) || (planned > 0 && index >= planned) {
                return contradicts(foreign_sample(index));
            }
            if !seen.insert((index, sample.turn)) {
                return contradicts(double_sample(index));
            }
        }
        if self.run.ended_at.is_none() || self.run.samples.lost {
            return Ok(());
        }
        let answers = self.run.requests.completed;
        let found = self.figures.counts.requests.completed;
        if found != answers {
            return contradicts(other_counts(answers, found));
        }
        let log: Tally = self.folder.intervals()?.sums();
        let service = |tally: &Tally| {
            let histogram = tally.latencies.get(Measure::Service, Class::All);
            histogram.map_or(0, |histogram| histogram.len())
        };
        match service(&log) {
            found if found == service(&self.figures) && found == answers => Ok(()),
            found => contradicts(other_log(answers, found)),
        }
    }

    /// How many of its requests were never sent.
    fn not_sent(&self) -> u64 {
        let requests = self.run.requests;
        let over = requests.completed + requests.failed + requests.timed_out;
        requests.planned.saturating_sub(over)
    }

    fn result(&self) -> ShardResult {
        ShardResult {
            index: self.report.shard.index(),
            found: true,
            complete: !self.run.interrupted && self.run.ended_at.is_some(),
            planned: self.run.requests.planned,
            sent: self.run.requests.sent,
            start_lag_ms: Some(self.report.start_lag_ms).filter(|_| self.run.ended_at.is_some()),
            send_lag_p99_ms: self.run.schedule.send_lag_ms.p99,
            clock_synchronised: self.report.clock_synchronised,
        }
    }

    /// What prevented it from doing its part as planned.
    fn troubles(&self, of: u64) -> Vec<Statement> {
        let (result, not_sent) = (self.result(), self.not_sent());
        let mut troubles = Vec::new();
        if !result.complete {
            troubles.push(notes::shard_cut_off(result.index, of, not_sent));
        }
        if let Some(late_ms) = result.start_lag_ms
            && late_ms > 0.0
            && (late_ms > LATE_MS || (result.complete && not_sent > 0))
        {
            let late = Duration::try_from_secs_f64(late_ms / 1e3).unwrap_or(Duration::MAX);
            troubles.push(notes::shard_late(result.index, of, late, not_sent));
        }
        if result.clock_synchronised == Some(false) {
            troubles.push(notes::shard_clock(result.index, of));
        }
        troubles
    }

    /// The notes of its record, except those about the record itself.
    fn own_notes(&self) -> impl Iterator<Item = &Statement> {
        let own = ["killed", "thinned", "unnamed"];
        self.run
            .notes
            .iter()
            .filter(move |note| !own.contains(&note.code.as_str()))
    }

    /// The intervals of its log.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn intervals(&self) -> Result<Intervals, RunError> {
        Ok(self.folder.intervals()?)
    }
}
