//! The last responses of a run in slots of time, for two rows under each other: response times and
//! kinds.

use std::{collections::VecDeque, time::Duration};

use crate::{
    report::text::Look,
    sample::{Outcome, Sample},
};

/// How much time one column stands for.
pub const SLOT: Duration = Duration::from_millis(250);

/// How many columns are kept: the last 12 s.
pub const COLUMNS: usize = 48;

/// Levels of a column, lowest first.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What came within one slot.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slot {
    /// Response times in microseconds, at most [`Slot::KEPT`] of them.
    response_us: Vec<u64>,
    cold: bool,
    failed: bool,
    throttled: bool,
    warm: bool,
    unknown: bool,
}

impl Slot {
    /// So many are enough for the median of a slot to show on eight levels.
    const KEPT: usize = 512;

    fn add(&mut self, sample: &Sample) {
        if self.response_us.len() < Slot::KEPT {
            self.response_us.extend(sample.response_us());
        }
        match sample.outcome {
            Outcome::Ok => {}
            Outcome::Rejected | Outcome::Throttled => self.throttled = true,
            _ => self.failed = true,
        }
        if sample.outcome.is_answer() && sample.ran() {
            match Look::from(sample.temperature) {
                Look::Cold => self.cold = true,
                Look::Warm => self.warm = true,
                _ => self.unknown = true,
            }
        }
    }

    /// The kind that matters most among all responses: a cold start among warm responses is what a
    /// reader looks for.
    fn look(&self) -> Option<Look> {
        let seen = [
            (self.failed, Look::Bad),
            (self.throttled, Look::Caution),
            (self.cold, Look::Cold),
            (self.unknown, Look::Dim),
            (self.warm, Look::Warm),
        ];
        seen.into_iter()
            .find(|(seen, _)| *seen)
            .map(|(_, look)| look)
    }

    fn median_us(&self) -> Option<u64> {
        let mut sorted = self.response_us.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

/// The last [`COLUMNS`] slots in which something was in flight.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    slots: VecDeque<Slot>,
    /// The number of the newest slot, counted from the run's start.
    newest: u64,
}

impl Slots {
    /// Advances to `at`, the time since the run's start, while requests are in flight.
    pub fn advance(&mut self, at: Duration) {
        let number = u64::try_from(at.as_millis() / SLOT.as_millis()).unwrap_or(u64::MAX);
        let ahead = match self.slots.is_empty() {
            true => 1,
            false => number.saturating_sub(self.newest),
        };
        for _ in 0..ahead.min(COLUMNS as u64) {
            self.slots.push_back(Slot::default());
        }
        while self.slots.len() > COLUMNS {
            self.slots.pop_front();
        }
        self.newest = self.newest.max(number);
    }

    /// Skips time that is not shown: the next slot follows the last one.
    pub fn resume(&mut self, at: Duration) {
        self.newest = u64::try_from(at.as_millis() / SLOT.as_millis()).unwrap_or(u64::MAX);
    }

    /// A request is over.
    pub fn add(&mut self, sample: &Sample) {
        if let Some(slot) = self.slots.back_mut() {
            slot.add(sample);
        }
    }

    /// The median response time of each slot on eight logarithmic levels between the shortest
    /// and the longest of them, which come with it in microseconds. None before the first answer.
    pub fn line(&self) -> Option<(String, u64, u64)> {
        let medians: Vec<Option<u64>> = self.slots.iter().map(Slot::median_us).collect();
        let low = medians.iter().flatten().copied().min()?;
        let high = medians.iter().flatten().copied().max()?;
        let line = medians
            .into_iter()
            .map(|median| median.map_or(' ', |micros| level(micros, low, high)))
            .collect();
        Some((line, low, high))
    }

    /// What each slot held, by the shape of what matters most in it.
    pub fn marks(&self) -> String {
        self.slots
            .iter()
            .map(|slot| slot.look().map_or_else(|| " ".to_owned(), Look::mark))
            .collect()
    }
}

fn level(micros: u64, low: u64, high: u64) -> char {
    let log = |micros: u64| (micros.max(1) as f64).ln();
    let span = log(high) - log(low);
    // Within a tenth nothing has moved, and a line that jumps would say otherwise.
    let place = match span < 0.1 {
        true => 0.4,
        false => (log(micros) - log(low)) / span,
    };
    let index = (place * (LEVELS.len() - 1) as f64).round() as usize;
    LEVELS[index.min(LEVELS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Evidence, Temperature};

    fn sample(response_us: u64, temperature: Temperature, outcome: Outcome) -> Sample {
        Sample {
            done_us: response_us,
            outcome,
            temperature,
            evidence: Evidence::Marker,
            ..Sample::answered()
        }
    }

    #[test]
    fn a_slow_cold_slot_stands_above_the_warm_ones_after_it() {
        let mut slots = Slots::default();
        let each = [
            (2_000_000, Temperature::Cold),
            (40_000, Temperature::Warm),
            (41_000, Temperature::Warm),
        ];
        for (number, (micros, temperature)) in each.into_iter().enumerate() {
            slots.advance(SLOT * number as u32);
            slots.add(&sample(micros, temperature, Outcome::Ok));
        }
        assert_eq!(slots.line(), Some(("█▁▁".to_owned(), 40_000, 2_000_000)));
        let marks = anstream::adapter::strip_str(&slots.marks()).to_string();
        assert_eq!(marks, "◆●●");
    }

    #[test]
    fn one_failure_among_many_answers_is_what_its_slot_shows() {
        let mut slots = Slots::default();
        slots.advance(Duration::ZERO);
        for _ in 0..1000 {
            slots.add(&sample(1000, Temperature::Warm, Outcome::Ok));
        }
        slots.add(&sample(
            1000,
            Temperature::Unknown,
            Outcome::ConnectionClosed,
        ));
        let marks = anstream::adapter::strip_str(&slots.marks()).to_string();
        assert_eq!(marks, "✗");
    }

    #[test]
    fn idle_time_takes_no_columns() {
        let mut slots = Slots::default();
        slots.advance(Duration::ZERO);
        slots.add(&sample(1000, Temperature::Cold, Outcome::Ok));
        slots.resume(Duration::from_secs(900));
        slots.advance(Duration::from_secs(900) + SLOT);
        slots.add(&sample(1000, Temperature::Cold, Outcome::Ok));
        assert_eq!(slots.line().map(|(line, ..)| line.chars().count()), Some(2));
    }

    proptest! {
        #[test]
        fn no_row_is_longer_than_its_place(gaps in prop::collection::vec(0_u64..100_000, 0..80)) {
            let mut slots = Slots::default();
            let mut at = 0;
            for gap in gaps {
                at += gap;
                slots.advance(Duration::from_millis(at));
                slots.add(&sample(at + 1, Temperature::Warm, Outcome::Ok));
                let (line, low, high) = slots.line().expect("an answer");
                prop_assert!(line.chars().count() <= COLUMNS);
                prop_assert!(low <= high);
            }
        }
    }
}
