//! A figure of a run, or of one of its phases.

use std::{fmt, str::FromStr};

use super::{
    metric::{Figure, Metric, MetricError, RequestCount},
    near::nearest,
    words,
};
use crate::{
    lang::{Phrase, Reason},
    stats::{Class, Measure},
};

/// A figure by its path: `response.warm.p95`, of one phase `phase.burst.response.all.p95`, or of one
/// function `function.checkout.init.cold.p95`, request `request.order.response.p95` or flow
/// `flow.buy.errors.share`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedFigure {
    /// The phase's name; None: the complete run.
    pub phase: Option<String>,
    /// The function, request or flow, of a run that has several; None: of all.
    pub group: Option<(Group, String)>,
    /// Which figure.
    pub metric: Metric,
}

/// What stands before a phase's name.
const PHASE: &str = "phase.";

/// By what the requests of a run are told apart, besides its phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Group {
    /// The function that answers.
    Function,
    /// The request's name.
    Request,
    /// The flow that it is a part of.
    Flow,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 3] = [Group::Function, Group::Request, Group::Flow];

    /// The word in paths.
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl NamedFigure {
    /// Whether phases have the figure: latencies, errors, cold starts, and what was planned, sent
    /// and failed. The schedule and the rate are figures of the run.
    fn is_of_phases(metric: Metric) -> bool {
        match metric {
            Metric::Latency(..)
            | Metric::ErrorsShare
            | Metric::ErrorsCount
            | Metric::ColdShare
            | Metric::ColdCount => true,
            Metric::Requests(count) => {
                matches!(
                    count,
                    RequestCount::Planned | RequestCount::Sent | RequestCount::Failed
                )
            }
            Metric::SendLag(_) | Metric::RequestsPerSecond => false,
        }
    }

    /// The part of a run that the figure is of, as it is written: `phase.burst`,
    /// `function.checkout`. None if it is of the complete run.
    pub fn part(&self) -> Option<String> {
        let phase = self.phase.as_ref().map(|name| format!("{PHASE}{name}"));
        let group = self.group.as_ref();
        phase.or_else(|| group.map(|(group, name)| format!("{}.{name}", group.key())))
    }

    /// Checks that `phases` contain the figure's phase, by name.
    ///
    /// # Errors
    /// When none of them is called so, with the nearest.
    pub fn check_phase<'a>(
        &self,
        phases: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), Phrase> {
        check(PHASE, self.phase.as_ref(), phases)
    }

    /// Checks that `functions` contain the figure's function, by name.
    ///
    /// # Errors
    /// When none of them is called so, with the nearest.
    pub fn check_function<'a>(
        &self,
        functions: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), Phrase> {
        let function = self
            .group
            .as_ref()
            .filter(|(group, _)| *group == Group::Function);
        check("function.", function.map(|(_, name)| name), functions)
    }
}

fn check<'a>(
    part: &'static str,
    name: Option<&String>,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Result<(), Phrase> {
    match name {
        Some(name) if !known.clone().into_iter().any(|one| one == name) => {
            let found: String = name.chars().take(80).collect();
            let near = nearest(name, known.clone()).map(words::meant);
            let near = near.map_or_else(|| Reason::of(""), Reason::of);
            let known: Vec<&str> = known.into_iter().collect();
            Err(match part {
                PHASE => words::no_phase(&found, near, known.join(", ")),
                _ if known.is_empty() => words::one_function(&found),
                _ => words::no_such_function(&found, near, known.join(", ")),
            })
        }
        _ => Ok(()),
    }
}

impl From<Metric> for NamedFigure {
    fn from(metric: Metric) -> NamedFigure {
        NamedFigure {
            phase: None,
            group: None,
            metric,
        }
    }
}

impl fmt::Display for NamedFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part() {
            Some(part) => write!(f, "{part}.{}", self.metric),
            None => write!(f, "{}", self.metric),
        }
    }
}

impl FromStr for NamedFigure {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<NamedFigure, MetricError> {
        let of_group = |group: Group| {
            let rest = text.strip_prefix(group.key())?.strip_prefix('.')?;
            Some((Some(group), rest))
        };
        let of_phase = text.strip_prefix(PHASE).map(|rest| (None, rest));
        let Some((group, rest)) = of_phase.or_else(|| Group::ALL.into_iter().find_map(of_group))
        else {
            return metric(text).map(NamedFigure::from);
        };
        let unknown = |near| MetricError::unknown(text, near);
        let Some((phase, rest)) = rest.split_once('.').filter(|(phase, _)| !phase.is_empty())
        else {
            return Err(unknown(None));
        };
        let part = group.map_or("phase", Group::key);
        let of_phase = |rest: &str| format!("{part}.{phase}.{rest}");
        match metric(rest) {
            Ok(metric) if NamedFigure::is_of_phases(metric) => Ok(NamedFigure {
                phase: group.is_none().then(|| phase.to_owned()),
                group: group.map(|group| (group, phase.to_owned())),
                metric,
            }),
            Ok(_) => Err(unknown(None)),
            Err(error) => Err(unknown(error.near.as_deref().map(of_phase))),
        }
    }
}

/// A figure of the run. `response.p95` means all responses, `init.p95` cold starts.
fn metric(text: &str) -> Result<Metric, MetricError> {
    let short = || {
        let (measure, figure) = text.split_once('.')?;
        let measure = Measure::ALL
            .iter()
            .copied()
            .find(|it| it.key() == measure)?;
        let figure = Figure::ALL.iter().find(|it| it.key() == figure)?;
        let class = measure.classes().first().copied().unwrap_or(Class::All);
        Some(Metric::Latency(measure, class, *figure))
    };
    match short() {
        Some(metric) => Ok(metric),
        None => text.parse(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_figure_of_a_phase_is_read_back_as_written(
            phase in "[a-z0-9_-]{1,20}",
            place in 0_usize..1_000,
        ) {
            let known: Vec<Metric> = Metric::all().filter(|it| NamedFigure::is_of_phases(*it)).collect();
            let metric = known[place % known.len()];
            for named in [
                NamedFigure { phase: Some(phase.clone()), group: None, metric },
                NamedFigure { phase: None, group: Some((Group::Request, phase.clone())), metric },
                NamedFigure::from(metric),
            ] {
                prop_assert_eq!(named.to_string().parse(), Ok(named));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(phase\\.)?[ -~]{0,60}") {
            let _ = text.parse::<NamedFigure>();
        }
    }

    #[test]
    fn a_measure_alone_is_of_all_answers() {
        for (short, long) in [
            ("response.p95", "response.all.p95"),
            ("init.p50", "init.cold.p50"),
            ("phase.burst.response.p95", "phase.burst.response.all.p95"),
        ] {
            let read = |text: &str| text.parse::<NamedFigure>().expect(text).to_string();
            assert_eq!(read(short), long);
        }
    }

    #[test]
    fn what_no_phase_has_is_refused_and_a_slip_finds_its_word() {
        for text in [
            "phase",
            "phase.",
            "phase.burst",
            "phase..response.p95",
            "phase.burst.schedule.send_lag.p99",
            "phase.burst.requests_per_second",
            "phase.burst.requests.timed_out",
        ] {
            assert!(text.parse::<NamedFigure>().is_err(), "{text}");
        }
        let error = "phase.burst.reponse.warm.p95".parse::<NamedFigure>();
        assert!(matches!(error, Err(MetricError { near: Some(near), .. })
                if near == "phase.burst.response.warm.p95"));
    }

    #[test]
    fn a_phase_that_there_is_not_finds_the_nearest() {
        let named: NamedFigure = "phase.bust.response.p95".parse().expect("a figure");
        let error = named.check_phase(["idle", "burst"]).expect_err("no phase");
        let told = error.to_string();
        assert!(told.contains("bust") && told.contains("burst"), "{told}");
        assert!(named.check_phase(["bust"]).is_ok());
    }
}
