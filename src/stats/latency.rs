//! One histogram for each measure and class.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Summary;
use crate::sample::{Outcome, Sample, Temperature};

/// What is measured of a request.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Measure {
    /// From the planned send to the last byte: the time that a queued user waits, free of
    /// coordinated omission.
    Response,
    /// From the first byte sent on a ready connection to the last byte received.
    Service,
    /// Name lookup, TCP and TLS, of requests that had to connect.
    Connect,
    /// How long environments initialised, or were restored, for the requests that waited for it.
    /// Known afterwards, from Lambda's REPORT lines.
    Init,
}

/// A class of requests.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Class {
    /// Every request with a response, whatever the status.
    All,
    /// Answered with a status below 400.
    Ok,
    /// Answered with a status from 400 up.
    Error,
    /// Answered by a cold environment.
    Cold,
    /// Answered by a warm environment.
    Warm,
    /// Answered by an environment of unknown temperature.
    Unknown,
}

impl Measure {
    /// All measures, in the order of reports.
    pub const ALL: &[Measure] = <Measure as strum::VariantArray>::VARIANTS;

    /// The name in files: `response`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The classes that it is measured for, in the order of reports. Only a cold start waits for an
    /// initialisation.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Measure::Init => &[Class::Cold],
            _ => Class::ALL,
        }
    }

    /// Whether [`Measure::classes`] has the class. Called several times per request.
    fn is_of(self, class: Class) -> bool {
        self != Measure::Init || class == Class::Cold
    }

    /// The sample's value in microseconds, if it has one.
    pub fn of(self, sample: &Sample) -> Option<u64> {
        match self {
            Measure::Response => sample.response_us(),
            Measure::Service => sample.service_us(),
            Measure::Connect => sample.connect.map(|connect| connect.total_us()),
            Measure::Init => sample.init_us,
        }
    }
}

impl Class {
    /// All classes, in the order of reports.
    pub const ALL: &[Class] = <Class as strum::VariantArray>::VARIANTS;

    /// The name in files: `cold`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The classes of an answered request: `All`, one by outcome, and, if an environment may have
    /// served it, one by temperature.
    fn of(sample: &Sample) -> impl Iterator<Item = Class> {
        let outcome = if sample.outcome == Outcome::Ok {
            Class::Ok
        } else {
            Class::Error
        };
        let temperature = match sample.temperature {
            Temperature::Cold => Class::Cold,
            Temperature::Warm => Class::Warm,
            Temperature::Unknown => Class::Unknown,
        };
        [Class::All, outcome]
            .into_iter()
            .chain(sample.ran().then_some(temperature))
    }
}

/// The longest latency that is recorded, 1 h in microseconds. A longer one counts as this.
const LONGEST_US: u64 = 3_600_000_000;

/// Histograms with three significant digits from 1 µs to 1 h, one for each measure and class
/// that has a value.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// Indexed by [`place`], which is called for every request.
    histograms: [Option<Histogram<u64>>; PLACES],
}

const PLACES: usize = Measure::ALL.len() * Class::ALL.len();

/// The index of a measure and class, in the order of reports.
fn place(measure: Measure, class: Class) -> usize {
    measure as usize * Class::ALL.len() + class as usize
}

impl Latencies {
    /// Adds an answered request. Other requests have no latency, and are counted by
    /// [`super::OutcomeCounts`].
    pub fn record(&mut self, sample: &Sample) {
        if !sample.outcome.is_answer() {
            return;
        }
        for &measure in Measure::ALL {
            let Some(micros) = measure.of(sample) else {
                continue;
            };
            for class in Class::of(sample).filter(|class| measure.is_of(*class)) {
                record(self.histogram_mut(measure, class), micros.max(1), 1);
            }
        }
    }

    /// Adds a histogram. Merging is exact: equal bounds, bucket by bucket.
    pub fn add(&mut self, measure: Measure, class: Class, other: &Histogram<u64>) {
        merge(self.histogram_mut(measure, class), other);
    }

    /// The histogram in microseconds, if anything was recorded.
    pub fn get(&self, measure: Measure, class: Class) -> Option<&Histogram<u64>> {
        self.histograms[place(measure, class)].as_ref()
    }

    /// The summary of one histogram.
    pub fn summary(&self, measure: Measure, class: Class) -> Summary {
        self.get(measure, class)
            .map(Summary::of)
            .unwrap_or_default()
    }

    /// How many responses came from no environment, because the request was refused.
    pub fn refused(&self, measure: Measure) -> u64 {
        let count = |class| self.get(measure, class).map_or(0, Histogram::len);
        let served = [Class::Cold, Class::Warm, Class::Unknown].map(count);
        count(Class::All).saturating_sub(served.iter().sum())
    }

    /// All histograms that are not empty.
    pub fn iter(&self) -> impl Iterator<Item = (Measure, Class, &Histogram<u64>)> {
        let tags = Measure::ALL
            .iter()
            .flat_map(|&measure| Class::ALL.iter().map(move |&class| (measure, class)));
        tags.zip(&self.histograms)
            .filter_map(|((measure, class), histogram)| Some((measure, class, histogram.as_ref()?)))
            .filter(|(_, _, histogram)| !histogram.is_empty())
    }

    /// Clears all values and keeps the memory.
    pub fn reset(&mut self) {
        for histogram in self.histograms.iter_mut().flatten() {
            histogram.reset();
        }
    }

    fn histogram_mut(&mut self, measure: Measure, class: Class) -> &mut Histogram<u64> {
        self.histograms[place(measure, class)].get_or_insert_with(histogram)
    }
}

/// An empty histogram of microseconds with three significant digits. It grows with the values that
/// [`record`] adds: most latencies are far below an hour, and there are dozens of histograms.
pub fn histogram() -> Histogram<u64> {
    let mut histogram =
        Histogram::new_with_bounds(1, 2, 3).expect("constant bounds that are valid");
    histogram.auto(true);
    histogram
}

/// Adds `count` times a value in microseconds; more than 1 h counts as 1 h. `saturating_record` is
/// not used: under it a histogram does not grow, and counts values that are too long among the
/// shortest.
pub fn record(histogram: &mut Histogram<u64>, micros: u64, count: u64) {
    // Fails only if the histogram cannot grow, and an hour is within every bound.
    let recorded = histogram.record_n(micros.min(LONGEST_US), count);
    debug_assert!(recorded.is_ok(), "{micros} µs: {recorded:?}");
}

/// Adds all values of another histogram. Exact, bucket by bucket; more than 1 h counts as 1 h.
pub fn merge(into: &mut Histogram<u64>, from: &Histogram<u64>) {
    if from.max() > from.highest_equivalent(LONGEST_US) {
        // This histogram is from a log that another program wrote.
        for value in from.iter_recorded() {
            record(into, value.value_iterated_to(), value.count_at_value());
        }
        return;
    }
    // `add` makes room too, but does not update the bound, which is written into files.
    record(into, from.max(), 0);
    let added = into.add(from);
    debug_assert!(added.is_ok(), "{added:?}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_measure_is_of_the_classes_that_it_lists() {
        for &measure in Measure::ALL {
            for &class in Class::ALL {
                assert_eq!(measure.is_of(class), measure.classes().contains(&class));
            }
        }
    }

    #[test]
    fn a_histogram_of_any_other_tool_merges_and_what_is_beyond_an_hour_counts_as_an_hour() {
        for (lowest, digits) in [(1, 0), (1, 3), (1_000, 2), (1, 5)] {
            let mut theirs = Histogram::new_with_bounds(lowest, u64::MAX, digits).expect("valid");
            for value in [0, 1, 999, LONGEST_US, LONGEST_US * 2, u64::MAX] {
                theirs.record(value).expect("in bounds");
                for mut ours in [histogram(), one(5)] {
                    let before = ours.len();
                    merge(&mut ours, &theirs);
                    assert_eq!(ours.len(), before + theirs.len());
                    assert!(ours.max() <= ours.highest_equivalent(LONGEST_US), "{value}");
                }
            }
        }
    }

    fn one(micros: u64) -> Histogram<u64> {
        let mut histogram = histogram();
        record(&mut histogram, micros, 1);
        histogram
    }

    #[test]
    fn answers_that_no_environment_gave_were_refused() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.refused(Measure::Response), 0);
        for (class, count) in [(Class::All, 9), (Class::Cold, 2), (Class::Unknown, 3)] {
            record(latencies.histogram_mut(Measure::Response, class), 5, count);
        }
        assert_eq!(latencies.refused(Measure::Response), 4);
        assert_eq!(latencies.refused(Measure::Service), 0);
    }

    proptest! {
        #[test]
        fn merging_parts_equals_the_whole_bucket_for_bucket(
            values in prop::collection::vec((1_u64..2 * LONGEST_US, 0_usize..4), 1..300),
        ) {
            let mut whole = Latencies::default();
            let mut parts = vec![Latencies::default(); 4];
            for (micros, part) in values {
                record(whole.histogram_mut(Measure::Response, Class::Cold), micros, 1);
                record(parts[part].histogram_mut(Measure::Response, Class::Cold), micros, 1);
            }
            let mut merged = Latencies::default();
            for (measure, class, histogram) in parts.iter().flat_map(Latencies::iter) {
                merged.add(measure, class, histogram);
            }
            let of = |latencies: &Latencies| latencies.get(Measure::Response, Class::Cold).cloned();
            let (merged, whole) = (of(&merged), of(&whole));
            prop_assert_eq!(&merged, &whole);
            // The bound that files name, by which other tools make room.
            let high = |histogram: Option<Histogram<u64>>| histogram.map(|found| found.high());
            prop_assert_eq!(high(merged), high(whole));
        }
    }
}
