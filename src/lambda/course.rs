//! The course of one invocation: how its environment starts, what the handler does, how it ends.

use std::time::Duration;

use rand::{Rng, RngExt};
use uuid::Uuid;

use super::{End, Fault, FlushDecision, Function, ModelTime, Start};

/// After this long Lambda gives up an init and runs it again at the first invocation, with the
/// function's timeout (AWS Lambda developer guide, "Lambda execution environment lifecycle").
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The handler's share that runs before the publish, where a failing handler ends. Assumption.
const BEFORE_PUBLISH: f64 = 0.25;

/// How long before need Lambda may have initialised an environment: spread evenly up to this.
/// Assumption; published is only that the gap often exceeds 10 s.
const PROACTIVE_AHEAD: Duration = Duration::from_secs(600);

/// What an invocation is asked to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub(super) fault: Option<Fault>,
    pub(super) broken: bool,
    pub(super) batch: Vec<Uuid>,
    pub(super) asynchronous: bool,
}

/// How an invocation gets to its handler.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    pub(super) start: Start,
    pub(super) handler_began: ModelTime,
    pub(super) init_ended: ModelTime,
}

impl Beginning {
    /// In an environment made for this invocation, or ahead of need with chance `proactive`.
    pub(super) fn of_new(
        function: &Function,
        proactive: f64,
        arrived: ModelTime,
        rng: &mut impl Rng,
    ) -> Beginning {
        let placement = function.placement.draw(rng);
        let init = function.init.draw(rng);
        if proactive > 0.0 && rng.random::<f64>() < proactive {
            let age = PROACTIVE_AHEAD.mul_f64(rng.random()).min(arrived);
            return Beginning {
                start: Start::Proactive { age },
                handler_began: arrived,
                init_ended: arrived - age,
            };
        }
        let (start, before) = if init > INIT_LIMIT {
            let init = function.init.draw(rng);
            (Start::Reset { init }, placement + INIT_LIMIT)
        } else {
            (Start::Cold { init }, placement + init)
        };
        Beginning {
            start,
            handler_began: arrived + before,
            init_ended: arrived + before,
        }
    }

    /// The init that is billed apart; one after a reset is part of the invocation's duration.
    pub(super) fn billed_init(&self) -> Duration {
        match self.start {
            Start::Cold { init } => init,
            _ => Duration::ZERO,
        }
    }

    /// In an environment that a timeout or a kill has reset.
    pub(super) fn after_reset(
        function: &Function,
        arrived: ModelTime,
        rng: &mut impl Rng,
    ) -> Beginning {
        Beginning {
            start: Start::Reset {
                init: function.init.draw(rng),
            },
            handler_began: arrived,
            init_ended: arrived,
        }
    }

    /// In an environment that is ready.
    pub(super) fn ready(start: Start, arrived: ModelTime, init_ended: ModelTime) -> Beginning {
        Beginning {
            start,
            handler_began: arrived,
            init_ended,
        }
    }
}

/// What happens from the beginning of the invoke phase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) end: End,
    pub(super) response_after: Duration,
    pub(super) duration: Duration,
    pub(super) memory_used_mb: u32,
}

impl Course {
    pub(super) fn draw(
        function: &Function,
        (start, flush): (Start, FlushDecision),
        work: &Work,
        rng: &mut impl Rng,
    ) -> Course {
        let HandlerRun {
            end,
            took: handler,
            memory_used_mb,
        } = HandlerRun::draw(function, start, work, rng);
        let inner_init = match start {
            Start::Reset { init } => init,
            _ => Duration::ZERO,
        };
        let response_after = inner_init + handler;
        // Drawn in any case, so that a strategy shifts no other chance.
        let flushing = function.flush.draw(rng);
        let flushed = match flush.is_waited_for() {
            true => response_after + flushing,
            false => response_after,
        };
        let (end, response_after, duration) = if response_after > function.timeout {
            (End::Timeout, function.timeout, function.timeout)
        } else if end == End::OutOfMemory {
            (end, response_after, response_after)
        } else {
            // The timeout limits the full invoke phase, the extension included (AWS Lambda
            // developer guide, as above). A flush that is cut off does not affect the caller, and
            // is assumed not to fail the invocation.
            (end, response_after, flushed.min(function.timeout))
        };
        Course {
            end,
            response_after,
            duration,
            memory_used_mb,
        }
    }
}

/// What the handler does by itself, before the function's timeout.
struct HandlerRun {
    end: End,
    took: Duration,
    memory_used_mb: u32,
}

impl HandlerRun {
    fn draw(function: &Function, start: Start, work: &Work, rng: &mut impl Rng) -> HandlerRun {
        let mut took = function.warm.draw(rng);
        if start != Start::Warm {
            took += function.first_run.draw(rng);
        }
        let (low, high) = function.memory_used_mb;
        let mut used = rng.random_range(low..=high.max(low));
        let mut end = End::Ok;
        match work.fault {
            _ if work.broken => end = End::Exception,
            None => {}
            Some(Fault::Error) => end = End::Exception,
            Some(Fault::Latency(more)) => took += more,
            Some(Fault::Timeout) => took += function.timeout,
            Some(Fault::Status(code)) => end = End::Status(code),
            Some(Fault::Memory { percent }) => {
                used = used.max(function.memory.mb() * u32::from(percent) / 100);
            }
        }
        if used > function.memory.mb() {
            used = function.memory.mb();
            end = End::OutOfMemory;
        }
        if end != End::Ok {
            took = took.mul_f64(BEFORE_PUBLISH);
        }
        HandlerRun {
            end,
            took,
            memory_used_mb: used,
        }
    }
}
