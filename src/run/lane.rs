//! One of two sides that alternate: its cold starts, their evidence, its record.

use std::{
    sync::{Arc, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{
    Access, CompletedRun, Destination, Observer, Plan, RunError, RunErrorKind, RunOptions,
    RunTarget, SampleSet, Talk,
    guard::agreed,
    job,
    judge::Judge,
    life::{self, expiry},
    plan, record, send, signing, told, words,
};
use crate::{
    ab::{self, COLD_STEP, PairNeed, STEPS, WARM_STEP},
    engine::{self, EndReason, EngineEvent, EngineSummary, Job, JobPart, StopSignal},
    lang::Statement,
    predict::Prediction,
    record::{Folder, Kept, Recorded, Run},
    sample::{Outcome, Sample, Temperature},
    scenario::{Arrivals, FilledRequest, Phase, Scenario},
    schedule::Schedule,
    stats::Tally,
};

/// One of two targets.
#[derive(Debug)]
pub struct Contender {
    /// Where its requests go.
    pub target: RunTarget,
    /// The function's settings and what each request contains. Its phases are not used.
    pub scenario: Scenario,
    /// How its run is made.
    pub options: RunOptions,
    /// What its run's folder is named for.
    pub folder: String,
}

/// What is sent, to both.
#[derive(Clone, Debug)]
pub struct Interleaving {
    /// Most pairs.
    pub pairs: u32,
    /// After these numbers of pairs the evidence is gathered and the caller decides.
    pub looks: Vec<u32>,
    /// How long a target idles before each cold start.
    pub idle: Duration,
    /// Warm requests after each cold start, one after the other.
    pub warm: u32,
    /// What is compared of each pair.
    pub need: PairNeed,
    /// The seed of the order within each pair.
    pub seed: u64,
}

/// How long to wait before each warm request.
const BETWEEN: Duration = Duration::from_millis(100);
/// How long to wait for evidence at a look: at a sandbox, and at Datadog.
const EVIDENCE_WAIT: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(180)];
/// How long to wait between two queries.
const EVIDENCE_PAUSE: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(20)];

/// Writes a request into the record of its side.
pub(super) type Keeping<'a> = &'a mut dyn FnMut(&Sample);

/// The state of one side while it is sent.
pub(super) struct Lane {
    plan: Interleaving,
    scenario: Scenario,
    target: Destination,
    pub(super) options: RunOptions,
    predicted: Prediction,
    filled: FilledRequest,
    signing: Option<signing::RunSigning>,
    pub(super) run: Run,
    pub(super) folder: Folder,
    samples: Vec<Sample>,
    began: Instant,
    skipped: Duration,
    /// When it last got a request.
    last: Instant,
    /// Whether evidence on its requests can come after their answers.
    is_asked_about: bool,
    reasons: Vec<Statement>,
    pub(super) aborted: Option<Statement>,
}

/// The scenario of this many pairs, as a run's record has it.
fn scenario(of: &Scenario, plan: &Interleaving, pairs: u32) -> Scenario {
    let phase = |name: &str, arrivals| Phase {
        name: name.to_owned(),
        arrivals,
        function: None,
        fault: None,
    };
    let burst = |count: u32| Arrivals::Burst {
        count: count.into(),
        within: Duration::ZERO,
    };
    Scenario {
        phases: vec![
            phase("idle", Arrivals::Idle(plan.idle)),
            phase("cold", burst(1)),
            phase("warm", burst(plan.warm)),
        ],
        repeat: pairs,
        ..of.clone()
    }
}

impl Lane {
    /// Prepares the target, and the folder of its run.
    ///
    /// # Errors
    /// As [`super::run`].
    pub(super) fn begin(
        contender: Contender,
        pairs: &Interleaving,
        observer: &mut dyn Observer,
    ) -> Result<Lane, RunError> {
        let (of, options) = (contender.scenario, contender.options);
        if of.traffic.is_some() {
            return Err(RunErrorKind::Scenario.error(words::FLOWS_INTERLEAVED));
        }
        let whole = scenario(&of, pairs, pairs.pairs);
        let schedule = planned(&whole)?;
        let times = told::times();
        let named = life::checked(&contender.target, &whole, &schedule, &options)?;
        options.record.check()?;
        let (filled, signing) = life::request(&contender.target, &whole, &options, observer)?;
        let started_at = times.started_at();
        let make_folder = || options.record.create(started_at, &contender.folder);
        let (target, made) = life::started(contender.target, &whole, &options, &make_folder)?;
        let predicted = plan::prediction(&whole, &schedule, &target, &named.functions);
        agreed(&target, schedule.total(), &options.guard, observer)?;
        let plan = Plan {
            scenario: &whole,
            schedule: &schedule,
            target: &target,
            predicted: &predicted,
        };
        let run = record::begun(&plan, named, started_at);
        let folder = made.map_or_else(make_folder, Ok)?;
        let is_asked_about = expiry(&target).is_some()
            || run.target.region.is_some()
            || Access::to_ask(&run, options.datadog_url.as_deref())?.is_some();
        Ok(Lane {
            plan: pairs.clone(),
            scenario: of,
            target,
            options,
            predicted,
            filled,
            signing,
            run,
            folder,
            samples: Vec::new(),
            began: Instant::now(),
            skipped: Duration::ZERO,
            last: Instant::now(),
            is_asked_about,
            reasons: Vec::new(),
            aborted: None,
        })
    }

    /// How long it idles by the clock before each cold start: not at all where that is skipped.
    pub(super) fn waits(&self) -> Duration {
        let skips = self.target.force_cold.is_some()
            || (self.target.skip_idle().is_some() && !self.options.real_idle);
        match skips {
            true => Duration::ZERO,
            false => self.plan.idle,
        }
    }

    /// Sends one side of a pair: idles, one cold request, then warm ones.
    pub(super) fn send(&mut self, pair: u32, keep: Keeping<'_>) -> Result<(), RunError> {
        let plan = self.plan.clone();
        let idle = match self.waits().is_zero() {
            true => plan.idle,
            // While the other side got requests, this one was idle already.
            false => plan.idle.saturating_sub(self.last.elapsed()),
        };
        let all = scenario(&self.scenario, &plan, 1).phases;
        let cold = match idle.is_zero() {
            true => all[1..2].to_vec(),
            false => {
                let mut phases = all[..2].to_vec();
                phases[0].arrivals = Arrivals::Idle(idle);
                phases
            }
        };
        let of_pair = u64::from(pair) * u64::from(1 + plan.warm);
        self.part(cold, (of_pair, pair * STEPS + COLD_STEP), keep)?;
        for warm in 0..plan.warm {
            if self.options.stop.is_signalled() || self.aborted.is_some() {
                break;
            }
            // Extensions may keep an environment busy after its response.
            thread::sleep(BETWEEN);
            let index = of_pair + 1 + u64::from(warm);
            let mut one = all[2..].to_vec();
            one[0].arrivals = all[1].arrivals;
            self.part(one, (index, pair * STEPS + WARM_STEP), keep)?;
        }
        self.last = Instant::now();
        Ok(())
    }

    /// Sends these phases, and records the result under this index and step.
    fn part(
        &mut self,
        phases: Vec<Phase>,
        place: (u64, u32),
        keep: Keeping<'_>,
    ) -> Result<(), RunError> {
        let scenario = Scenario {
            phases,
            repeat: 1,
            ..self.scenario.clone()
        };
        let plan = Plan {
            scenario: &scenario,
            schedule: &planned(&scenario)?,
            target: &self.target,
            predicted: &self.predicted,
        };
        let signer = |url: &_| self.signing.as_ref().map(|signing| signing.signer(url));
        let job = job::job(
            &plan,
            &self.options,
            self.filled.clone(),
            &signer,
            &self.run,
            JobPart::default(),
        )?;
        let offset = self.began.elapsed() + self.skipped;
        let offset = u64::try_from(offset.as_micros()).unwrap_or(u64::MAX);
        let (samples, ended) = sent(job, &self.options.stop)?;
        self.skipped += ended.skipped;
        for reason in told::reasons(&ended) {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        if !matches!(ended.end, EndReason::Completed | EndReason::Stopped) {
            self.aborted = record::given_up(&ended.end, &self.run);
        }
        for sample in samples {
            let sample = placed(sample, place, offset);
            keep(&sample);
            self.samples.push(sample);
        }
        Ok(())
    }

    /// Gives it up where no more of it can be compared: by its requests as they were answered, or
    /// with the evidence that was gathered since.
    pub(super) fn give_up_if_hopeless(&mut self, gathered: Option<&[Sample]>) {
        let is_final = gathered.is_some() || !self.is_asked_about;
        let samples = gathered.unwrap_or(&self.samples);
        let why = ab::hopeless(samples, self.plan.need, is_final);
        self.aborted = self.aborted.take().or(why);
    }

    /// The run so far, and its requests with the evidence so far.
    pub(super) fn evidence(&self, pairs: u32) -> Result<(Run, Vec<Sample>), RunError> {
        let schedule = planned(&scenario(&self.scenario, &self.plan, pairs))?;
        let mut run = self.run.clone();
        run.samples = Kept::share(1.0);
        run.target.range.to_ms = now_ms(&self.target)?;
        let tally: Tally = self.samples.iter().collect();
        run.fill(&tally);
        let mut judge = Judge {
            run,
            scenario: &self.scenario,
            samples: SampleSet::in_memory(self.folder.clone(), self.samples.clone()),
        };
        if let Some(expiry) = expiry(&self.target) {
            judge.by_structure(&schedule, expiry)?;
        }
        judge.samples.dissect(&mut judge.run, &[])?;
        gather(&mut judge, &self.options)?;
        Ok((judge.run, judge.samples.into_samples()?))
    }

    /// Completes the record of this many pairs, and judges it like any run.
    pub(super) fn end(
        mut self,
        pairs: u32,
        recorded: &Recorded,
        observer: &mut dyn Observer,
    ) -> Result<CompletedRun, RunError> {
        let scenario = scenario(&self.scenario, &self.plan, pairs);
        let schedule = planned(&scenario)?;
        let mut run = self.run;
        run.ended_at = Some(Timestamp::now());
        run.phases = record::phases(&scenario, &schedule);
        run.requests.planned = schedule.total();
        run.schedule.length_ms = millis(schedule.length());
        run.schedule.skipped_ms = millis(self.skipped);
        run.target.range.to_ms = now_ms(&self.target)?;
        recorded.fill(&mut run);
        run.requests.not_sent = run.requests.planned.saturating_sub(run.requests.sent);
        run.interrupted = self.options.stop.is_signalled() || self.aborted.is_some();
        run.aborted = self.aborted.take();
        run.notes.append(&mut self.reasons);
        run.notes.extend(told::lateness(&run));
        let mut judge = Judge {
            run,
            scenario: &scenario,
            samples: SampleSet::of(self.folder),
        };
        let plan = Plan {
            scenario: &scenario,
            schedule: &schedule,
            target: &self.target,
            predicted: &self.predicted,
        };
        judge.whole(&plan, &self.options, observer)?;
        // A single run that is interrupted is not verified; pairs that were sent are compared.
        if judge.run.interrupted {
            gather(&mut judge, &self.options)?;
            judge.conclude()?;
        }
        judge.finish()
    }
}

/// Adds what an API or Lambda's log has as evidence on the requests so far, as far as it comes in time.
fn gather(judge: &mut Judge<'_>, options: &RunOptions) -> Result<(), RunError> {
    if let Some(access) = Access::to_ask(&judge.run, options.datadog_url.as_deref())? {
        let place = usize::from(!access.client.is_local());
        let asked = Instant::now();
        loop {
            judge.ask_evidence(&access)?;
            let complete = judge.samples.all()?.iter().all(is_known);
            if complete || asked.elapsed() > EVIDENCE_WAIT[place] {
                break;
            }
            thread::sleep(EVIDENCE_PAUSE[place]);
        }
    } else if judge.run.target.region.is_some() && !judge.samples.all()?.iter().all(is_known) {
        let quiet: Talk = Arc::new(|_| {});
        judge.by_logs(Some(EVIDENCE_WAIT[0]), &quiet)?;
    }
    Ok(())
}

/// Sends a job. Returns the requests in the order in which they completed.
fn sent(job: Job, stop: &StopSignal) -> Result<(Vec<Sample>, EngineSummary), RunError> {
    let (sender, events) = channel();
    let stop = stop.clone();
    let sending = thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let tell = move |event| drop(sender.send(event));
            engine::run(job, tell, &stop)
        })?;
    let sample = |event| match event {
        EngineEvent::Sample(sample) => Some(sample),
        _ => None,
    };
    let samples = events.into_iter().filter_map(sample).collect();
    Ok((samples, send::joined(vec![sending])?))
}

/// A request of a part, with its index and step in its side. `offset_us` is added to its times.
fn placed(mut sample: Sample, (index, step): (u64, u32), offset_us: u64) -> Sample {
    (sample.index, sample.step) = (index, step);
    let times = [
        &mut sample.planned_us,
        &mut sample.sent_us,
        &mut sample.first_byte_us,
    ];
    for us in times.into_iter().flatten().chain([&mut sample.done_us]) {
        *us = us.saturating_add(offset_us);
    }
    sample
}

/// Whether a request needs no more evidence: it is warm or failed, or its parts are known.
fn is_known(sample: &Sample) -> bool {
    let parts = sample.anatomy.as_ref();
    match sample.temperature {
        _ if sample.outcome != Outcome::Ok => true,
        Temperature::Warm => true,
        Temperature::Cold => parts.is_some_and(|parts| parts.has_evidence()),
        Temperature::Unknown => false,
    }
}

fn planned(scenario: &Scenario) -> Result<Schedule, RunError> {
    Schedule::of(scenario).map_err(RunErrorKind::Scenario.caused())
}

/// The time by the target's clock, in milliseconds since 1970.
fn now_ms(target: &Destination) -> Result<i64, RunError> {
    let info = target.info_now()?;
    Ok(info
        .map_or_else(Timestamp::now, |info| info.now)
        .as_millisecond())
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
