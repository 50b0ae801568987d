//! How latencies are distributed: the percentile curve, and the histogram with cold and warm
//! stacked. Both rest on every request, however few of the single ones were kept.

use std::ops::RangeInclusive;

use hdrhistogram::Histogram;
use maud::{Markup, html};

use super::{page::ReportPage, show, words::*};
use crate::{
    look::{
        LogBins, Shape,
        chart::{
            Anchor, Axis, BarLayer, BarSlot, Chart, Curve, CurveChart, NAMED, Tick, bars,
            log_marks, log_place, percentile_said, tallest,
        },
    },
    stats::{Class, Measure, quantiles},
};

const HEIGHT: f64 = 200.0;

/// How many bars are enough to show a shape.
const BARS: RangeInclusive<usize> = 24..=usize::MAX;
/// How many bars a factor of ten may take.
const DENSITIES: [f64; 5] = [6.0, 10.0, 20.0, 40.0, 80.0];

/// Points of a curve: more than the eye needs.
const STEPS: u32 = 160;

/// The percentile curve of response and service time, the wait between them shaded.
pub fn percentiles(page: &ReportPage<'_>) -> Markup {
    let curve = |(measure, name)| {
        let histogram = page.latencies.get(measure, Class::All)?;
        let points: Vec<(f64, f64)> = quantiles(histogram, STEPS, &NAMED)
            .into_iter()
            .map(|(q, micros)| (q, micros / 1e6))
            .collect();
        let name = page.text(name).to_owned();
        (!points.is_empty()).then_some(Curve { name, points })
    };
    let curves: Vec<Curve> = [
        (Measure::Response, RESPONSE_TIME),
        (Measure::Service, SERVICE_TIME),
    ]
    .into_iter()
    .filter_map(curve)
    .collect();
    let n = page.run.latency(page.measure(), Class::All).n;
    let last = curves.first().and_then(|curve| curve.points.last());
    let chart = CurveChart {
        title: page.text(PERCENTILES),
        said: match last {
            Some((q, _)) => page.say(PERCENTILES_SAID, &[&supported(*q), &show::count(n)]),
            None => page.say(TOO_FEW, &[&show::count(n)]),
        },
        height: HEIGHT,
        gap: (curves.len() > 1).then(|| page.text(GAP)),
        curves,
        first: page.text(PERCENTILE),
        show: show::seconds,
        show_on_axis: show::on_axis,
        words: page.chart_words(),
    };
    chart.figure()
}

/// The last percentile of a curve, with the digits that matter: `97.5 %`, `99.97 %`.
fn supported(quantile: f64) -> String {
    // Two digits behind the last nine, rounded down: no more is claimed than is there.
    let digits = (-(1.0 - quantile).log10()).ceil().clamp(0.0, 6.0) as i32 + 1;
    let scale = 10f64.powi(digits);
    percentile_said((quantile * scale).floor() / scale)
}

/// The histogram of what a user feels.
pub fn histogram(page: &ReportPage<'_>) -> Markup {
    let measure = page.measure();
    let kinds = kinds(page);
    let low = kinds.iter().map(|(_, h)| h.min_nz()).min().unwrap_or(1);
    let high = kinds.iter().map(|(_, h)| h.max()).max().unwrap_or(1);
    let bins = LogBins::over(low, high.max(low), DENSITIES, BARS);
    let layers: Vec<BarLayer> = kinds
        .iter()
        .map(|(shape, histogram)| BarLayer {
            shape: *shape,
            name: match shape {
                Some(shape) => shape.word(page.lang).to_owned(),
                None => page.text(ANSWERED).to_owned(),
            },
            counts: counts(&bins, histogram),
        })
        .collect();
    let mut said: Vec<String> = layers
        .iter()
        .map(|layer| page.counted(layer.counts.iter().sum::<f64>() as u64, &layer.name))
        .collect();
    let left_out = page.latencies.refused(measure);
    if left_out > 0 && layers.iter().any(|layer| layer.shape.is_some()) {
        said.push(refused(left_out).to_string());
    }
    let chart = Chart {
        title: &page.say(HISTOGRAM, &[page.text(page.measure_word())]),
        said: match said.is_empty() {
            true => page.text(NOTHING_ANSWERED).to_owned(),
            false => page.say(HISTOGRAM_SAID, &[&said.join(", ")]),
        },
        top: 8.0,
        axis: &Axis::linear(HEIGHT, tallest(&layers), show::whole),
        across: ticks(&bins),
        words: page.chart_words(),
    };
    let (slots, took) = (slots(&bins), page.text(TOOK));
    bars(&chart, &slots, &layers, took, show::whole, &html! {})
}

/// What is stacked. Responses that reached no function are neither cold nor warm: they are one kind,
/// without a shape.
fn kinds<'p>(page: &ReportPage<'p>) -> Vec<(Option<Shape>, &'p Histogram<u64>)> {
    let of = |class| page.latencies.get(page.measure(), class);
    let kinds: Vec<(Option<Shape>, &Histogram<u64>)> = [
        (Shape::Cold, Class::Cold),
        (Shape::Warm, Class::Warm),
        (Shape::Unknown, Class::Unknown),
    ]
    .into_iter()
    .filter_map(|(shape, class)| Some((Some(shape), of(class)?)))
    .filter(|(_, histogram)| !histogram.is_empty())
    .collect();
    match kinds.is_empty() {
        true => of(Class::All).map(|all| (None, all)).into_iter().collect(),
        false => kinds,
    }
}

/// How many requests each bar holds.
fn counts(bins: &LogBins, histogram: &Histogram<u64>) -> Vec<f64> {
    let mut counts = vec![0.0; bins.count];
    for value in histogram.iter_recorded() {
        if let Some(count) = counts.get_mut(bins.bin(value.value_iterated_to())) {
            *count += value.count_at_value() as f64;
        }
    }
    counts
}

/// An edge in seconds.
fn edge(bins: &LogBins, bar: usize) -> f64 {
    bins.edge(bar) / 1e6
}

fn slots(bins: &LogBins) -> Vec<BarSlot> {
    let width = 1.0 / bins.count as f64;
    (0..bins.count)
        .map(|bar| {
            let name = format!(
                "{} – {}",
                show::seconds(edge(bins, bar)),
                show::seconds(edge(bins, bar + 1))
            );
            BarSlot {
                x: (bar as f64 + 0.06) * width,
                width: width * 0.88,
                heading: html! { (name) },
                name,
            }
        })
        .collect()
}

fn ticks(bins: &LogBins) -> Vec<Tick> {
    let edges = [edge(bins, 0), edge(bins, bins.count)];
    log_marks(edges[0], edges[1], 7)
        .into_iter()
        .map(|mark| (log_place(&edges, mark), mark))
        .filter(|(at, _)| (-0.001..=1.001).contains(at))
        .map(|(at, mark)| Tick {
            at,
            text: show::on_axis(mark),
            anchor: Anchor::at(at),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_latency_falls_into_one_bar(
            values in prop::collection::vec(1_u64..3_600_000_000, 1..60),
        ) {
            let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 2).expect("valid");
            for value in &values {
                histogram.record(*value).expect("in range");
            }
            let bins = LogBins::over(histogram.min_nz(), histogram.max(), DENSITIES, BARS);
            prop_assert_eq!(counts(&bins, &histogram).iter().sum::<f64>(), values.len() as f64);
            prop_assert!(bins.count <= 100, "{} bars", bins.count);
            prop_assert!(ticks(&bins).iter().all(|tick| (-0.01..=1.01).contains(&tick.at)));
        }
    }

    #[test]
    fn no_more_is_claimed_than_the_count_supports() {
        assert_eq!(supported(0.975_4), "97.5 %");
        assert_eq!(supported(0.999_87), "99.987 %");
        assert_eq!(supported(0.55), "55 %");
    }
}
