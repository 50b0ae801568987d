//! Sends a benchmark, and adds up its results on the threads that send it.

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
    engine::{self, ClosedJob, EngineError, EngineEvent, EngineSummary, Job, StopSignal},
    record::{Keep, Recorder},
    sample::Sample,
    stats::Tally,
};

/// How often an engine's thread hands over its sums.
const PART_US: u64 = 100_000;
/// The length of an interval of the record's histograms.
const SECOND_US: u64 = 1_000_000;
/// At most this many samples wait to be written. If writing cannot keep up, fewer are kept.
const MOST_KEPT: usize = 2_000;
/// How often the files are updated.
const TICK: Duration = Duration::from_millis(100);
/// A request sent this long after its planned time was queued: the timer's own delay is a tenth of
/// it.
const LATE_US: u64 = 1_000;
/// At most this many ticks in a row are put off while requests are queued. Most queues are gone by
/// then, and the files of a run that is always late are only slightly older.
const MOST_PUT_OFF: u32 = 2;

/// The work of an engine: an open or a closed loop.
pub enum Workload {
    Open(Box<Job>),
    Closed(Box<ClosedJob>),
}

impl Workload {
    /// # Errors
    /// Why it cannot be sent.
    pub fn check(&self) -> Result<(), EngineError> {
        match self {
            Workload::Open(job) => job.check(),
            Workload::Closed(job) => job.check(),
        }
    }
}

/// The sums of an engine's thread since it last handed over, all of one second. Adding up there
/// costs less than handing over every sample.
struct Part {
    /// The index of the engine.
    engine: usize,
    /// The second of the run's clock in which the requests ended.
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
            // Allocated at once: unused memory costs nothing, and a growing list fragments the
            // heap.
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
    /// Parts that were taken in and emptied. Their histograms are reused, because new memory from
    /// the system would delay requests by a millisecond. While no part is back, the current one is
    /// filled until its second is over.
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
        // Fails only if this command is ending already.
        let next = Part { second, ..empty };
        let _ = self.to.send(mem::replace(&mut self.part, next));
    }
}

/// Sends and records until the run is over. Each job is an engine on its own thread.
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
        // Cannot fail: the receiver still exists.
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

/// Starts an engine. `sending` is dropped when the engine has ended.
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

/// Whether requests are queued at present, because the server could not take them in time.
#[derive(Clone, Default)]
struct Line(Arc<AtomicBool>);

impl Line {
    /// Notes how late the last request was sent, if it was planned.
    fn note(&self, lag_us: Option<u64>) {
        let is_late = lag_us.is_some_and(|lag| lag > LATE_US);
        // Another engine's may lie beside it, and each write would take that from its processor.
        if self.stands() != is_late {
            self.0.store(is_late, Ordering::Relaxed);
        }
    }

    fn stands(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the engines' threads hand over.
struct Incoming {
    parts: Receiver<Part>,
    /// Gives the emptied parts back to each engine.
    empty: Vec<Sender<Part>>,
    lines: Vec<Line>,
    /// How many ticks in a row were put off for queued requests.
    put_off: u32,
    /// Closes when all requests are sent.
    sent: Receiver<Infallible>,
}

impl Incoming {
    /// Takes in the sums until all requests are sent. The engine's thread never wakes this one, and
    /// this one gives way while requests are queued: on a shared processor it would delay them just
    /// when a stall ends and all are late.
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
                    // Fails only if the engine has ended.
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
