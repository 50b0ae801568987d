//! Sending a benchmark, and adding up what comes of it where it happens.

use std::{
    convert::Infallible,
    io, mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use super::{
    Observer, RunError, ThresholdWatch,
    background::in_background,
    send::{EngineThread, joined},
};
use crate::{
    engine::{self, ClosedJob, EngineEvent, EngineSummary, Job, StopSignal},
    record::{Keep, Recorder},
    sample::Sample,
    stats::Tally,
};

/// How often the engine's thread hands over what it has added up.
const PART_US: u64 = 100_000;
/// The intervals of the record's histograms.
const SECOND_US: u64 = 1_000_000;
/// So many samples wait for being written, at most: if writing cannot keep up, fewer are kept.
const MOST_KEPT: usize = 2_000;
/// How often the files are brought up to date.
const TICK: Duration = Duration::from_millis(100);
/// A request that leaves this long after its time stood in a line: the timer is a tenth as late.
const LATE_US: u64 = 1_000;
/// So many ticks in a row are put off for a line. Most lines are over by then, and a run that is
/// late all the time has files that are not much older than others'.
const MOST_PUT_OFF: u32 = 2;

/// What the engine is told to do: an open or a closed loop.
pub enum Workload {
    Open(Box<Job>),
    Closed(Box<ClosedJob>),
}

/// What an engine's thread has added up since it last handed over, all of one second. Adding up there
/// costs less than handing over every sample.
struct Part {
    /// Which of the engines added it up.
    engine: usize,
    /// When the requests ended, in whole seconds of the run's clock.
    second: u64,
    tally: Tally,
    kept: Vec<Sample>,
}

impl Part {
    fn of(engine: usize) -> Part {
        Part {
            engine,
            second: 0,
            tally: Tally::default(),
            // At once: memory that is never used costs nothing, and a list that grows leaves holes.
            kept: Vec::with_capacity(MOST_KEPT),
        }
    }
}

struct Adding {
    part: Part,
    keep: Keep,
    line: Line,
    handed_us: u64,
    to: Sender<Part>,
    /// Parts that were taken in and emptied: the histograms' memory is used again, since fetching
    /// it anew from the system would hold requests back for a millisecond. While none is back the
    /// present one goes on being filled until its second is over.
    spare: Receiver<Part>,
}

impl Adding {
    fn add(&mut self, sample: &Sample) {
        let now_us = sample.done_us;
        if now_us / SECOND_US != self.part.second {
            self.begin_second(now_us);
        }
        self.part.tally.record(sample);
        self.line.note(sample.send_lag_us());
        if self.keep.takes(sample.index) {
            self.part.kept.push(sample.clone());
        }
        if self.part.kept.len() >= MOST_KEPT {
            self.keep.halve();
            let keep = &self.keep;
            self.part.kept.retain(|sample| keep.takes(sample.index));
        }
        if now_us.saturating_sub(self.handed_us) >= PART_US
            && let Ok(empty) = self.spare.try_recv()
        {
            self.hand_over(now_us, empty);
        }
    }

    fn begin_second(&mut self, now_us: u64) {
        let empty = self.spare.try_recv();
        let empty = empty.unwrap_or_else(|_| Part::of(self.part.engine));
        self.hand_over(now_us, empty);
    }

    fn hand_over(&mut self, now_us: u64, empty: Part) {
        self.handed_us = now_us;
        let second = now_us / SECOND_US;
        // Nobody listens only when this command is ending already.
        let next = Part { second, ..empty };
        let _ = self.to.send(mem::replace(&mut self.part, next));
    }
}

/// Sends and records until the run is over: each job is an engine on a thread of its own.
///
/// # Errors
/// When an engine cannot start.
pub(super) fn measure(
    jobs: Vec<Workload>,
    recorder: &mut Recorder<'_>,
    stop: &StopSignal,
    thresholds: &mut ThresholdWatch,
    observer: &mut dyn Observer,
) -> Result<EngineSummary, RunError> {
    let (to, parts) = channel();
    let (sending, sent) = channel::<Infallible>();
    let mut incoming = Incoming {
        parts,
        empty: Vec::new(),
        lines: Vec::new(),
        put_off: 0,
        sent,
    };
    let mut engines = Vec::new();
    for (engine, job) in jobs.into_iter().enumerate() {
        let (empty, spare) = channel();
        // It cannot fail: the other end is there.
        let _ = empty.send(Part::of(engine));
        let line = Line::default();
        let adding = Adding {
            part: Part::of(engine),
            keep: recorder.keep(),
            line: line.clone(),
            handed_us: 0,
            to: to.clone(),
            spare,
        };
        incoming.empty.push(empty);
        incoming.lines.push(line);
        engines.push(sending_thread(job, adding, sending.clone(), stop.clone())?);
    }
    drop((to, sending));
    in_background(|| incoming.take_in(recorder, thresholds, observer));
    observer.sent(recorder.tally());
    joined(engines)
}

/// Starts an engine; `sending` is dropped when it has ended.
fn sending_thread(
    job: Workload,
    adding: Adding,
    sending: Sender<Infallible>,
    stop: StopSignal,
) -> io::Result<EngineThread> {
    let adding = Arc::new(Mutex::new(adding));
    thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let _sending = sending;
            let each = Arc::clone(&adding);
            let tell = move |event| {
                if let EngineEvent::Sample(sample) = &event {
                    each.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .add(sample);
                }
            };
            let ended = match job {
                Workload::Open(job) => engine::run(*job, tell, &stop),
                Workload::Closed(job) => engine::closed(*job, tell, &stop),
            };
            adding
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .begin_second(0);
            ended
        })
}

/// Whether requests stand in a line at present: the server could not take them in their time.
#[derive(Clone, Default)]
struct Line(Arc<AtomicBool>);

impl Line {
    /// What the last request shows: how late it left, where it was planned.
    fn note(&self, lag_us: Option<u64>) {
        let is_late = lag_us.is_some_and(|lag| lag > LATE_US);
        self.0.store(is_late, Ordering::Relaxed);
    }

    fn stands(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What comes from the engines' threads.
struct Incoming {
    parts: Receiver<Part>,
    /// Where the emptied parts of each engine go.
    empty: Vec<Sender<Part>>,
    lines: Vec<Line>,
    /// How many ticks in a row were put off for it.
    put_off: u32,
    /// Closes when all is sent.
    sent: Receiver<Infallible>,
}

impl Incoming {
    /// Takes in what is added up, until all is sent. The engine's thread never wakes this one, and
    /// this one gives way while requests wait in line: where both share a processor, it would hold
    /// them back just when a stall ends and all are late.
    fn take_in(
        mut self,
        recorder: &mut Recorder<'_>,
        thresholds: &mut ThresholdWatch,
        observer: &mut dyn Observer,
    ) {
        loop {
            let is_over = self.sent.recv_timeout(TICK) == Err(RecvTimeoutError::Disconnected);
            if !is_over && self.gives_way() {
                continue;
            }
            for mut part in self.parts.try_iter() {
                let ended = Duration::from_secs(part.second);
                recorder.absorb(ended, &part.tally, &part.kept);
                part.tally.reset();
                part.kept.clear();
                if let Some(empty) = self.empty.get(part.engine) {
                    // Nobody takes it back only when the engine has gone.
                    let _ = empty.send(part);
                }
            }
            recorder.tick();
            thresholds.tick(recorder.tally());
            observer.tick(recorder.tally(), thresholds);
            if is_over {
                return;
            }
        }
    }

    fn gives_way(&mut self) -> bool {
        let gives_way = self.lines.iter().any(Line::stands) && self.put_off < MOST_PUT_OFF;
        self.put_off = if gives_way { self.put_off + 1 } else { 0 };
        gives_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_in_gives_way_to_a_line_for_two_ticks_in_a_row_at_most() {
        let (_, parts) = channel();
        let (_, sent) = channel();
        let line = Line::default();
        let mut incoming = Incoming {
            parts,
            empty: Vec::new(),
            lines: vec![Line::default(), line.clone()],
            put_off: 0,
            sent,
        };
        let mut gives_way = |lag_us| {
            line.note(lag_us);
            incoming.gives_way()
        };
        // A closed loop, which plans nothing, and requests on time.
        assert!(!gives_way(None));
        assert!(!gives_way(Some(LATE_US)));
        let late = Some(LATE_US + 1);
        assert!(gives_way(late));
        assert!(!gives_way(Some(0)));
        let ticks = [late; 7].map(gives_way);
        assert_eq!(ticks, [true, true, false, true, true, false, true]);
    }
}
