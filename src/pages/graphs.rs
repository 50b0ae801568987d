//! The graphs of Lambda's metrics, for one function or several together.

use maud::Markup;

use super::{
    chart::{BarLayer, Graph, bars, spreads},
    data::{self, Bins, FunctionMetrics, points},
    show,
    visit::Visit,
    words::*,
};
use crate::{
    lang::Text,
    look::Shape,
    telemetry::store::{DeploymentEvent, PointSeries},
};

/// One graph that can be asked for.
pub(super) struct GraphKind {
    /// Its name in addresses.
    pub(super) key: &'static str,
    /// Its name on the screen.
    pub(super) name: Text,
    /// The metric that it draws.
    metric: &'static str,
    form: GraphForm,
}

enum GraphForm {
    /// Invocations, cold and warm apart.
    Temperatures,
    /// A count, or its part with a tag.
    Count(Option<Shape>, Option<&'static str>),
    /// A sum of dollars.
    Dollars,
    /// Seconds on a logarithmic axis.
    Seconds,
    /// Megabytes from 0.
    Memory,
}

const fn kind(key: &'static str, name: Text, metric: &'static str, form: GraphForm) -> GraphKind {
    GraphKind {
        key,
        name,
        metric,
        form,
    }
}

/// All graphs.
pub(super) const KINDS: [GraphKind; 10] = [
    kind(
        "invocations",
        INVOCATIONS,
        data::INVOCATIONS,
        GraphForm::Temperatures,
    ),
    kind(
        "errors",
        ERRORS,
        data::ERRORS,
        GraphForm::Count(Some(Shape::Error), None),
    ),
    kind("duration", DURATION, data::DURATION, GraphForm::Seconds),
    kind(
        "cold_starts",
        COLD_STARTS,
        data::INVOCATIONS,
        GraphForm::Count(Some(Shape::Cold), Some("cold_start:true")),
    ),
    kind(
        "init_duration",
        INIT_DURATION_WORD,
        data::INIT_DURATION,
        GraphForm::Seconds,
    ),
    kind(
        "timeouts",
        TIMEOUTS,
        data::TIMEOUTS,
        GraphForm::Count(Some(Shape::Error), None),
    ),
    kind(
        "out_of_memory",
        OUT_OF_MEMORY,
        data::OUT_OF_MEMORY,
        GraphForm::Count(Some(Shape::Error), None),
    ),
    kind(
        "memory",
        MEMORY_USED_WORD,
        data::MEMORY_USED,
        GraphForm::Memory,
    ),
    kind("cost", COST, data::COST, GraphForm::Dollars),
    kind(
        "throttles",
        THROTTLES,
        data::THROTTLES,
        GraphForm::Count(Some(Shape::Throttled), None),
    ),
];

/// What graphs are drawn of.
pub(super) struct GraphSource<'a> {
    /// The functions, whose values are taken together.
    pub(super) functions: &'a [FunctionMetrics],
    /// The time axis.
    pub(super) bins: &'a Bins,
    /// Changes to mark.
    pub(super) events: &'a [DeploymentEvent],
}

impl GraphSource<'_> {
    /// Draws the graph of that name; None where there is none.
    pub(super) fn named(&self, visit: &Visit, key: &str) -> Option<Markup> {
        KINDS
            .iter()
            .find(|kind| kind.key == key)
            .map(|kind| self.draw(visit, kind))
    }

    fn series(&self, metric: &str, tag: Option<&str>) -> Vec<&PointSeries> {
        self.functions
            .iter()
            .flat_map(|function| function.of(metric))
            .filter(|series| tag.is_none_or(|tag| series.tags.iter().any(|found| found == tag)))
            .collect()
    }

    fn draw(&self, visit: &Visit, kind: &GraphKind) -> Markup {
        let scope = match self.functions {
            [one] => format!("functionname:{}", one.name),
            _ => "*".to_owned(),
        };
        let params = [("exp_metric", kind.metric), ("exp_scope", scope.as_str())];
        let graph = |total: String| Graph {
            title: visit.text(kind.name),
            link: Some(visit.link("/metric/explorer", &params)),
            total,
            bins: self.bins,
            events: self.events,
        };
        let all = |tag| self.series(kind.metric, tag);
        let sums = |series: &[&PointSeries]| self.bins.sums(points(series.iter().copied()));
        let total = |series: &[&PointSeries]| data::sum(series.iter().copied());
        match kind.form {
            GraphForm::Temperatures => {
                let (cold, every) = (all(Some("cold_start:true")), all(None));
                let warm: Vec<&PointSeries> = every
                    .iter()
                    .copied()
                    .filter(|series| !series.tags.iter().any(|tag| tag == "cold_start:true"))
                    .collect();
                let said = say(
                    TOTAL_COLD,
                    visit.lang,
                    &[&show::count(total(&every)), &show::count(total(&cold))],
                );
                let layer = |shape: Shape, series: &[&PointSeries]| BarLayer {
                    shape: Some(shape),
                    name: shape.word(visit.lang).to_owned(),
                    counts: sums(series),
                };
                let layers = [layer(Shape::Cold, &cold), layer(Shape::Warm, &warm)];
                bars(visit, &graph(said), &layers, show::count)
            }
            GraphForm::Count(shape, tag) => {
                let series = all(tag);
                let layer = BarLayer {
                    shape,
                    name: visit.text(kind.name).to_owned(),
                    counts: sums(&series),
                };
                bars(
                    visit,
                    &graph(show::count(total(&series))),
                    &[layer],
                    show::count,
                )
            }
            GraphForm::Dollars => {
                let series = all(None);
                let layer = BarLayer {
                    shape: None,
                    name: visit.text(kind.name).to_owned(),
                    counts: sums(&series),
                };
                bars(
                    visit,
                    &graph(show::dollars(total(&series))),
                    &[layer],
                    show::dollars,
                )
            }
            GraphForm::Seconds => self.spread(visit, graph, &all(None), show::seconds, true),
            GraphForm::Memory => self.spread(visit, graph, &all(None), show::memory, false),
        }
    }

    fn spread<'g>(
        &self,
        visit: &Visit,
        graph: impl Fn(String) -> Graph<'g>,
        series: &[&PointSeries],
        show: fn(f64) -> String,
        logarithmic: bool,
    ) -> Markup {
        let n: u64 = points(series.iter().copied()).map(|(_, _, n)| n).sum();
        let largest = points(series.iter().copied())
            .map(|(_, value, _)| value)
            .reduce(f64::max);
        let mean = data::sum(series.iter().copied()) / n.max(1) as f64;
        let said = largest.map_or_else(String::new, |largest| {
            say(AVG_MAX, visit.lang, &[&show(mean), &show(largest)])
        });
        let spread = self.bins.spreads(points(series.iter().copied()));
        spreads(visit, &graph(said), &spread, show, logarithmic)
    }
}
