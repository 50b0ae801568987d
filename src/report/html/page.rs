//! What all parts of the report need: the run, its figures, the axis of time, the language.

use super::{
    points::{Fate, Points},
    show,
    timeline::Timeline,
    words::*,
};
use crate::{
    lang::{Lang, Statement, Text},
    look::chart::ChartWords,
    record::{FunctionNames, Run},
    stats::{Class, Latencies, Measure},
    units::unbroken,
};

/// A report in the making.
#[derive(Debug)]
pub struct ReportPage<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its latencies, exact.
    pub latencies: &'a Latencies,
    /// Its requests, or the share of them that was kept.
    pub points: &'a Points,
    /// How many lines of the samples could not be read.
    pub skipped: u64,
    /// The axis of time.
    pub timeline: Timeline,
    /// The reader's language.
    pub lang: Lang,
}

impl ReportPage<'_> {
    /// A text in the reader's language.
    pub fn text(&self, text: Text) -> &'static str {
        text.to(self.lang)
    }

    /// A text with values in it.
    pub fn say(&self, text: Text, values: &[&str]) -> String {
        text.say(self.lang, values)
    }

    /// A fact that the run keeps, in the reader's language, and the language to mark it with where
    /// that is another one.
    pub fn kept(&self, fact: &Statement) -> (Option<&'static str>, String) {
        let other = (!fact.is_in(self.lang)).then_some("en");
        (other, unbroken(&fact.to(self.lang)))
    }

    /// A function's name, or what stands for it.
    pub fn function<'n>(&self, name: &'n str) -> &'n str {
        match name == FunctionNames::UNNAMED {
            true => self.text(UNNAMED_FUNCTION),
            false => name,
        }
    }

    /// So many of something.
    pub fn counted(&self, count: u64, what: &str) -> String {
        self.say(COUNTED, &[&show::count(count), what])
    }

    /// The words that every chart has.
    pub fn chart_words(&self) -> ChartWords {
        ChartWords {
            nothing: self.text(NOTHING),
            values: self.text(VALUES),
        }
    }

    /// What a user feels: the response time, or, in a closed loop that plans no times, the
    /// service time.
    pub fn measure(&self) -> Measure {
        let n = |measure| self.run.latency(measure, Class::All).n;
        match n(Measure::Response) == 0 && n(Measure::Service) > 0 {
            true => Measure::Service,
            false => Measure::Response,
        }
    }

    /// The name of [`ReportPage::measure`].
    pub fn measure_word(&self) -> Text {
        match self.measure() {
            Measure::Response => RESPONSE_TIME,
            Measure::Service | Measure::Connect | Measure::Init => SERVICE_TIME,
        }
    }

    /// Whether only a share of the single requests was kept.
    pub fn thinned(&self) -> bool {
        self.run.samples.share < 1.0
    }

    /// A step's phase by name, with its repetition where there are several.
    pub fn phase_name(&self, step: u32) -> String {
        let (phase, time) = self.run.phase_of(step);
        match self.run.phases.get(phase) {
            Some(phase) if phase.times > 1 => format!("{} {}", phase.name, time + 1),
            Some(phase) => phase.name.clone(),
            None => String::new(),
        }
    }
}

impl Fate {
    /// How it is said.
    pub fn word(self) -> Text {
        match self {
            Fate::Ok => FATE_OK,
            Fate::ErrorAnswer => FATE_ERROR,
            Fate::Throttled => FATE_THROTTLED,
            Fate::NoAnswer => FATE_NO_ANSWER,
            Fate::NotSent => FATE_NOT_SENT,
        }
    }
}
