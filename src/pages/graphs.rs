//! The graphs of Lambda's metrics, for one function or several together.

use maud::{Markup, html};

use super::{
    chart::{self, BarLayer, Graph, bars, spreads},
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
    /// Draws the graphs of these names, over one time axis.
    pub(super) fn drawn<'k>(
        &self,
        visit: &Visit,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Markup {
        let kinds = keys
            .into_iter()
            .filter_map(|key| KINDS.iter().find(|kind| kind.key == key));
        let graphs = html! { @for kind in kinds { (self.draw(visit, kind)) } };
        chart::together(visit, self.bins, self.events, &graphs)
    }

    fn series(&self, metric: &str, tag: Option<&str>) -> Vec<&PointSeries> {
        self.functions
            .iter()
            .flat_map(|function| function.of(metric))
            .filter(|series| tag.is_none_or(|tag| series.tags.iter().any(|found| found == tag)))
            .collect()
    }

    fn draw(&self, visit: &Visit, kind: &GraphKind) -> Markup {
        match kind.form {
            GraphForm::Temperatures => self.temperatures(visit, kind),
            GraphForm::Count(shape, tag) => self.sums(visit, kind, shape, tag, show::count),
            GraphForm::Dollars => self.sums(visit, kind, None, None, show::dollars),
            GraphForm::Seconds => self.spread(visit, kind, show::seconds, true),
            GraphForm::Memory => self.spread(visit, kind, show::memory, false),
        }
    }

    fn graph<'g>(&'g self, visit: &'g Visit, kind: &GraphKind, total: String) -> Graph<'g> {
        Graph {
            title: visit.text(kind.name),
            total,
            bins: self.bins,
            events: self.events,
        }
    }

    fn layer(&self, shape: Option<Shape>, name: &str, series: &[&PointSeries]) -> BarLayer {
        BarLayer {
            shape,
            name: name.to_owned(),
            counts: self.bins.sums(points(series.iter().copied())),
        }
    }

    fn temperatures(&self, visit: &Visit, kind: &GraphKind) -> Markup {
        let is_cold = |series: &PointSeries| series.tags.iter().any(|tag| tag == "cold_start:true");
        let all = self.series(kind.metric, None);
        let (cold, warm): (Vec<_>, Vec<_>) = all.iter().partition(|series| is_cold(series));
        let count = |series: &[&PointSeries]| show::count(data::sum(series.iter().copied()));
        let total = say(TOTAL_COLD, visit.lang, &[&count(&all), &count(&cold)]);
        let layers = [(Shape::Cold, cold), (Shape::Warm, warm)]
            .map(|(shape, series)| self.layer(Some(shape), shape.word(visit.lang), &series));
        bars(visit, &self.graph(visit, kind, total), &layers, show::count)
    }

    fn sums(
        &self,
        visit: &Visit,
        kind: &GraphKind,
        shape: Option<Shape>,
        tag: Option<&str>,
        show: fn(f64) -> String,
    ) -> Markup {
        let series = self.series(kind.metric, tag);
        let total = show(data::sum(series.iter().copied()));
        let layer = self.layer(shape, visit.text(kind.name), &series);
        bars(visit, &self.graph(visit, kind, total), &[layer], show)
    }

    fn spread(
        &self,
        visit: &Visit,
        kind: &GraphKind,
        show: fn(f64) -> String,
        logarithmic: bool,
    ) -> Markup {
        let series = self.series(kind.metric, None);
        let all = || points(series.iter().copied());
        let n: u64 = all().map(|(_, _, n)| n).sum();
        let mean = data::sum(series.iter().copied()) / n.max(1) as f64;
        let largest = all().map(|(_, value, _)| value).reduce(f64::max);
        let total = largest.map_or_else(String::new, |largest| {
            say(AVG_MAX, visit.lang, &[&show(mean), &show(largest)])
        });
        let graph = self.graph(visit, kind, total);
        spreads(visit, &graph, &self.bins.spreads(all()), show, logarithmic)
    }
}
