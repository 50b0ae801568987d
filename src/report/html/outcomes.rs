//! The strip of outcomes: second by second, how the requests that were due then ended.

use maud::{Markup, html};

use super::{
    page::ReportPage,
    points::{Fate, RequestPoint},
    show,
    timeline::{Segment, SegmentKind},
    words::*,
};
use crate::look::{
    Shape,
    chart::{Axis, BarLayer, BarSlot, Chart, bars, tallest},
};

const HEIGHT: f64 = 84.0;

/// How many bars fit without becoming hairs.
const MOST_BINS: u64 = 120;

/// The widths that a bar may have, in seconds: those that people count in.
const WIDTHS: [u64; 12] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];

/// The figure.
pub fn figure(page: &ReportPage<'_>) -> Markup {
    let width_s = bar_width_s(page.timeline.lasting_us());
    let bins: Vec<Bin> = page
        .timeline
        .segments()
        .iter()
        .flat_map(|segment| bins(segment, width_s * 1_000_000))
        .collect();
    let layers = layers(page, &counted(&bins, &page.points.all));
    let counts: Vec<String> = layers
        .iter()
        .map(|layer| page.counted(layer.counts.iter().sum::<f64>() as u64, &layer.name))
        .collect();
    let width = match width_s {
        1 => page.text(SECOND).to_owned(),
        _ => show::on_axis(width_s as f64),
    };
    let sentence = match page.thinned() {
        true => OUTCOMES_SCALED,
        false => OUTCOMES_SAID,
    };
    let chart = Chart {
        title: &page.say(OUTCOMES, &[&width]),
        said: page.say(sentence, &[&counts.join(", ")]),
        top: 4.0,
        axis: &Axis::linear(HEIGHT, tallest(&layers), show::whole),
        across: page.timeline.ticks(),
        words: page.chart_words(),
    };
    let slots: Vec<BarSlot> = bins.iter().map(slot).collect();
    let due = page.text(DUE);
    bars(&chart, &slots, &layers, due, show::whole, &html! {})
}

/// How many seconds a bar stands for.
fn bar_width_s(lasting_us: u64) -> u64 {
    WIDTHS
        .into_iter()
        .find(|width| lasting_us / (width * 1_000_000) <= MOST_BINS)
        // Only a damaged file has times so far apart; its bars must not be without number.
        .unwrap_or_else(|| (lasting_us / 1_000_000 / MOST_BINS).max(7_200))
}

/// The fates that occurred, scaled up to all requests where only a share was kept.
fn layers(page: &ReportPage<'_>, counts: &[[u64; Fate::ALL.len()]]) -> Vec<BarLayer> {
    let share = page.run.samples.share;
    let scale = match share > 0.0 && share < 1.0 {
        true => 1.0 / share,
        false => 1.0,
    };
    let layer = |fate: Fate| BarLayer {
        shape: Some(shape(fate)),
        name: page.text(fate.word()).to_owned(),
        counts: counts
            .iter()
            .map(|bin| bin[fate as usize] as f64 * scale)
            .collect(),
    };
    let occurred = |fate: &Fate| counts.iter().any(|bin| bin[*fate as usize] > 0);
    let fates = Fate::ALL.iter().copied().filter(occurred);
    fates.map(layer).collect()
}

fn slot(bin: &Bin) -> BarSlot {
    let name = show::moment(bin.from_us, false);
    BarSlot {
        x: bin.left,
        width: (bin.right - bin.left).max(0.001),
        heading: html! { (name) },
        name,
    }
}

fn shape(fate: Fate) -> Shape {
    match fate {
        Fate::Ok => Shape::Met,
        Fate::ErrorAnswer => Shape::Error,
        Fate::Throttled => Shape::Throttled,
        Fate::NoAnswer | Fate::NotSent => Shape::Unknown,
    }
}

/// A bar's time and place.
struct Bin {
    step: u32,
    from_us: u64,
    to_us: u64,
    left: f64,
    right: f64,
}

fn bins(segment: &Segment, width_us: u64) -> Vec<Bin> {
    let bin = |step, from_us, to_us, left: f64, right: f64| Bin {
        step,
        from_us,
        to_us,
        // A little air beside each bar.
        left: left + (right - left) * 0.08,
        right: right - (right - left) * 0.08,
    };
    match segment.kind {
        SegmentKind::Gap => Vec::new(),
        SegmentKind::Instant(step, _) => {
            let middle = segment.left + segment.width() / 2.0;
            let half = (segment.width() / 2.0).min(0.012);
            vec![bin(
                step,
                segment.from_us,
                u64::MAX,
                middle - half,
                middle + half,
            )]
        }
        SegmentKind::Lasting(step) => {
            let n = (segment.to_us - segment.from_us) / width_us + 1;
            (0..n)
                .map(|i| {
                    let from = segment.from_us.saturating_add(i * width_us);
                    let to = from.saturating_add(width_us);
                    bin(step, from, to, segment.place(from), segment.place(to))
                })
                .collect()
        }
    }
}

fn counted(bins: &[Bin], points: &[RequestPoint]) -> Vec<[u64; Fate::ALL.len()]> {
    let mut counts = vec![[0; Fate::ALL.len()]; bins.len()];
    // Each step's bars are adjacent: a step is found by binary search and its bar by division.
    let mut by_step = std::collections::BTreeMap::new();
    for (place, bin) in bins.iter().enumerate() {
        by_step.entry(bin.step).or_insert((place, 0)).1 += 1;
    }
    for point in points {
        let Some((first, n)) = by_step.get(&point.step).copied() else {
            continue;
        };
        let of_step = bins.get(first..first + n).unwrap_or_default();
        let after = of_step.partition_point(|bin| bin.to_us <= point.at_us);
        let place = first + after.min(n - 1);
        if let Some(count) = counts
            .get_mut(place)
            .and_then(|bin| bin.get_mut(point.fate as usize))
        {
            *count += 1;
        }
    }
    counts
}
