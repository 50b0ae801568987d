//! The name of one histogram: a measure and a class.

use std::{fmt, str::FromStr};

use hdrhistogram::Histogram;

use super::{Class, Latencies, Measure};
use crate::lang::{Phrase, texts};

texts! {
    const;
    no_histogram(found: &str): "`{}` names no histogram: write MEASURE.CLASS, for example response.cold; measures are response, service, connect, and classes all, ok, error, cold, warm, unknown; and init.cold",
        "`{}`: 히스토그램 이름이 아닙니다. response.cold처럼 MEASURE.CLASS 형식으로 쓰세요. 측정값: response, service, connect. 분류: all, ok, error, cold, warm, unknown. 그 밖에 init.cold가 있습니다";
}

/// The name of one histogram in files and flags: `response.cold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// What is measured.
    pub measure: Measure,
    /// The class of requests.
    pub class: Class,
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.measure.key(), self.class.key())
    }
}

impl Latencies {
    /// All that hold anything, by their tags in an interval log. That of all answers comes first without a
    /// tag: HdrHistogram's own processor reads nothing else unless it is told a tag.
    pub fn tagged(&self) -> Vec<(Option<String>, &Histogram<u64>)> {
        let of_all = |measure| self.get(measure, Class::All).filter(|all| !all.is_empty());
        let all = of_all(Measure::Response).or_else(|| of_all(Measure::Service));
        let tag =
            |(measure, class, histogram)| (Some(Tag { measure, class }.to_string()), histogram);
        let untagged = all.into_iter().map(|all| (None, all));
        untagged.chain(self.iter().map(tag)).collect()
    }
}

impl FromStr for Tag {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Tag, Phrase> {
        let measures = Measure::ALL.iter().copied();
        measures
            .flat_map(|measure| {
                let classes = measure.classes().iter();
                classes.map(move |class| Tag {
                    measure,
                    class: *class,
                })
            })
            .find(|tag| tag.to_string() == text)
            .ok_or_else(|| no_histogram(&text.chars().take(60).collect::<String>()))
    }
}
