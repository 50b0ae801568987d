//! Sending a benchmark, and adding up what comes of it where it happens.

use std::{
    convert::Infallible,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use super::clock::Clock;
use crate::{
    cli::{Failure, background::in_background, limits::Held},
    engine::{self, ClosedJob, Ended, EngineError, Event, Job, Stop},
    record::{Keep, Recorder},
    sample::Sample,
    stats::Tally,
};

/// How often the engine's thread hands over what it has added up.
const PART_US: u64 = 100_000;
/// So many samples wait for being written, at most: if writing cannot keep up, fewer are kept.
const MOST_KEPT: usize = 2_000;
/// How often the files are brought up to date.
const TICK: Duration = Duration::from_millis(100);

/// What the engine is told to do: an open or a closed loop.
pub enum Sending {
    Open(Box<Job>),
    Closed(Box<ClosedJob>),
}

/// What the engine's thread has added up since it last handed over. Adding up there costs less
/// than handing over every sample.
struct Part {
    tally: Tally,
    kept: Vec<Sample>,
}

impl Default for Part {
    fn default() -> Part {
        Part {
            tally: Tally::default(),
            // At once: memory that is never used costs nothing, and a list that grows leaves holes.
            kept: Vec::with_capacity(MOST_KEPT),
        }
    }
}

struct Adding {
    part: Part,
    keep: Keep,
    handed_us: u64,
    to: Sender<Part>,
    /// Parts that were taken in and emptied: the histograms' memory is used again, since fetching
    /// it anew from the system would hold requests back for a millisecond. While none is back the
    /// present one goes on being filled, so that there never are more than two.
    spare: Receiver<Part>,
}

impl Adding {
    fn add(&mut self, sample: Sample) {
        self.part.tally.record(&sample);
        let now_us = sample.done_us;
        if self.keep.takes(sample.index) {
            self.part.kept.push(sample);
        }
        if self.part.kept.len() >= MOST_KEPT {
            self.keep.halve();
            let keep = &self.keep;
            self.part.kept.retain(|sample| keep.takes(sample.index));
        }
        if now_us.saturating_sub(self.handed_us) >= PART_US
            && let Ok(empty) = self.spare.try_recv()
        {
            self.handed_us = now_us;
            self.hand_over(empty);
        }
    }

    fn hand_over(&mut self, part: Part) {
        // Nobody listens only when this command is ending already.
        let _ = self.to.send(mem::replace(&mut self.part, part));
    }
}

/// Sends and records until the run is over.
///
/// # Errors
/// When the engine cannot start.
pub fn measure(
    job: Sending,
    recorder: &mut Recorder<'_>,
    stop: &Stop,
    held: &mut Held,
    mut clock: Clock,
) -> Result<Ended, Failure> {
    let (to, parts) = channel();
    let (empty, spare) = channel();
    let (sending, sent) = channel::<Infallible>();
    // It cannot fail: the other end is there.
    let _ = empty.send(Part::default());
    let adding = Arc::new(Mutex::new(Adding {
        part: Part::default(),
        keep: recorder.keep(),
        handed_us: 0,
        to,
        spare,
    }));
    let stop = stop.clone();
    let engine = thread::Builder::new().name("engine".to_owned()).spawn(
        move || -> Result<Ended, EngineError> {
            let _sending = sending;
            let each = Arc::clone(&adding);
            let tell = move |event| {
                if let Event::Sample(sample) = event {
                    each.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .add(sample);
                }
            };
            let ended = match job {
                Sending::Open(job) => engine::run(*job, tell, &stop),
                Sending::Closed(job) => engine::closed(*job, tell, &stop),
            };
            adding
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .hand_over(Part::default());
            ended
        },
    )?;
    let incoming = Incoming { parts, empty, sent };
    in_background(|| incoming.take_in(recorder, held, &mut clock));
    clock.finish();
    match engine.join() {
        Ok(ended) => ended.map_err(Failure::new),
        Err(_) => Err(Failure::new(
            "the engine stopped on a fault of its own; what was measured is in the run's folder",
        )),
    }
}

/// What comes from the engine's thread.
struct Incoming {
    parts: Receiver<Part>,
    /// Where emptied parts go.
    empty: Sender<Part>,
    /// Closes when all is sent.
    sent: Receiver<Infallible>,
}

impl Incoming {
    /// Takes in what is added up, until all is sent. The engine's thread never wakes this one: where
    /// both share a processor, that would hold back requests just when a stall ends and all are late.
    fn take_in(self, recorder: &mut Recorder<'_>, held: &mut Held, clock: &mut Clock) {
        loop {
            let is_over = self.sent.recv_timeout(TICK) == Err(RecvTimeoutError::Disconnected);
            for mut part in self.parts.try_iter() {
                recorder.absorb(&part.tally, &part.kept);
                part.tally.reset();
                part.kept.clear();
                // Nobody takes it back only when the engine has gone.
                let _ = self.empty.send(part);
            }
            recorder.tick();
            held.tick(recorder.tally());
            clock.tick(recorder.tally());
            if is_over {
                return;
            }
        }
    }
}
