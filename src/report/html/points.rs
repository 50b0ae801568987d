//! What a report needs of each request, small enough for a million of them.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    look::Shape,
    sample::{Outcome, Sample, Temperature},
};

/// A request as a mark on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestPoint {
    /// When it should have been sent; in a closed loop, when it was. Microseconds since the start.
    pub at_us: u64,
    /// Its place in the schedule.
    pub index: u64,
    /// The step of the schedule.
    pub step: u32,
    /// What it took from then to its end, in microseconds, 1 or more. None: it never was sent.
    pub took_us: Option<u32>,
    /// How it ended.
    pub fate: Fate,
    /// How it is drawn.
    pub mark: Shape,
}

/// The shapes of requests, in the order in which they are drawn: what matters most lies on top.
pub const MARKS: [Shape; 5] = [
    Shape::Warm,
    Shape::Unknown,
    Shape::Cold,
    Shape::Throttled,
    Shape::Error,
];

/// How a request ended, in the five kinds that a reader tells apart at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub enum Fate {
    /// A status below 400.
    Ok,
    /// A status from 400 up, throttling left out.
    ErrorAnswer,
    /// Refused by Lambda or API Gateway.
    Throttled,
    /// No complete response: timeouts and failed connections.
    NoAnswer,
    /// Never tried: the run ended before.
    NotSent,
}

impl Fate {
    /// All fates, best first.
    pub const ALL: &[Fate] = <Fate as strum::VariantArray>::VARIANTS;

    fn of(sample: &Sample) -> Fate {
        match sample.outcome {
            Outcome::NotSent => Fate::NotSent,
            Outcome::Ok => Fate::Ok,
            Outcome::Rejected | Outcome::Throttled => Fate::Throttled,
            outcome if outcome.is_answer() => Fate::ErrorAnswer,
            _ => Fate::NoAnswer,
        }
    }
}

/// How many of the slowest requests are told one by one.
pub const SLOWEST: usize = 10;

/// Everything that the timeline and its tables need of a run's samples.
#[derive(Debug, Default)]
pub struct Points {
    /// All requests by time.
    pub all: Vec<RequestPoint>,
    /// The slowest requests that were answered, slowest first.
    pub slowest: Vec<Sample>,
}

impl FromIterator<Sample> for Points {
    fn from_iter<I: IntoIterator<Item = Sample>>(samples: I) -> Points {
        let mut all = Vec::new();
        let mut slowest = BTreeMap::new();
        for sample in samples {
            let took = took_us(&sample);
            all.push(point(&sample, took));
            if let Some(took) = took.filter(|_| sample.outcome.is_answer()) {
                slowest.insert((Reverse(took), sample.index), sample);
                if slowest.len() > SLOWEST {
                    slowest.pop_last();
                }
            }
        }
        all.sort_unstable();
        Points {
            all,
            slowest: slowest.into_values().collect(),
        }
    }
}

/// From when it was due to its end, in microseconds.
pub fn took_us(sample: &Sample) -> Option<u64> {
    sample.response_us().or_else(|| sample.service_us())
}

fn point(sample: &Sample, took: Option<u64>) -> RequestPoint {
    let fate = Fate::of(sample);
    RequestPoint {
        at_us: sample
            .planned_us
            .or(sample.sent_us)
            .unwrap_or(sample.done_us),
        index: sample.index,
        step: sample.step,
        // A request that took more than an hour is drawn at the upper edge.
        took_us: took.map(|took| u32::try_from(took.max(1)).unwrap_or(u32::MAX)),
        fate,
        mark: match (fate, sample.temperature) {
            (Fate::Throttled, _) => Shape::Throttled,
            (Fate::ErrorAnswer | Fate::NoAnswer | Fate::NotSent, _) => Shape::Error,
            (Fate::Ok, Temperature::Cold) => Shape::Cold,
            (Fate::Ok, Temperature::Warm) => Shape::Warm,
            (Fate::Ok, Temperature::Unknown) => Shape::Unknown,
        },
    }
}
