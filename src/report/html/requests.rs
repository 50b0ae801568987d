//! The timeline of every request: when it was due, what it took, cold or warm, well or not.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    page::ReportPage,
    points::{Fate, MARKS, RequestPoint},
    show,
    timeline::{Segment, SegmentKind},
    words::*,
};
use crate::look::{
    Shape,
    chart::{Axis, Chart, ChartTable, WIDTH, px, share},
};

const HEIGHT: f64 = 280.0;
/// Room for the names of the phases.
const TOP: f64 = 20.0;

/// Up to this many requests of a kind are drawn one by one. More are drawn as a density.
const MOST_MARKS: usize = 2_000;
/// The same beside a kind that is drawn as a density, which more marks would cover: few errors
/// among very many responses would look like nothing but errors.
const MOST_MARKS_BESIDE: usize = 400;
/// How many of the slowest of a dense kind are drawn as marks all the same.
const OUTLIERS: usize = 60;
/// Marks that tell themselves when pointed at; more would make the file large.
const MOST_TOLD: usize = 300;

/// The figure.
pub fn figure(page: &ReportPage<'_>) -> Markup {
    let points = &page.points.all;
    let times = || points.iter().filter_map(|point| point.took_us);
    let seconds = |micros: Option<u32>| f64::from(micros.unwrap_or(1_000_000)) / 1e6;
    let (least, most) = (seconds(times().min()), seconds(times().max()));
    let axis = Axis::logarithmic(HEIGHT, least, most, show::on_axis);
    let kept = points.len() as u64;
    let requests = page.run.requests;
    let all = requests.sent.saturating_add(requests.not_sent);
    let chart = Chart {
        title: page.text(EVERY_REQUEST),
        said: match page.thinned() {
            true => page.say(THINNED_SAID, &[&show::count(kept), &show::count(all)]),
            false => page.say(EVERY_REQUEST_SAID, &[page.text(page.measure_word())]),
        },
        top: TOP,
        axis: &axis,
        across: page.timeline.ticks(),
        words: page.chart_words(),
    };
    let mut kinds: Kinds<'_> = BTreeMap::new();
    for (x, point) in page.timeline.places(points) {
        if point.took_us.is_some() {
            kinds.entry(point.mark).or_default().push((x, point));
        }
    }
    let dense = kinds.values().any(|kind| kind.len() > MOST_MARKS);
    let most = match dense {
        true => MOST_MARKS_BESIDE,
        false => MOST_MARKS,
    };
    let drawn = html! {
        (bands(page, &axis))
        @for (mark, placed) in &kinds {
            (kind(page, &chart, *mark, placed, most))
        }
    };
    let mut table = table(page);
    if kinds.is_empty() {
        // Nothing was answered: an empty plane with a made-up axis would look like an answer.
        table.rows.clear();
    }
    chart.figure(&drawn, &legend(page, &kinds, dense), &table)
}

/// The requests of each kind, with their places on the axis of time.
type Kinds<'p> = BTreeMap<Shape, Vec<(f64, &'p RequestPoint)>>;

fn legend(page: &ReportPage<'_>, kinds: &Kinds<'_>, dense: bool) -> Markup {
    html! {
        div.legend {
            @for mark in MARKS {
                @if let Some(placed) = kinds.get(&mark) {
                    @let word = mark.word(page.lang);
                    (mark.beside(&format!("{word} {}", show::count(placed.len() as u64))))
                }
            }
            span.quiet { (notes(page, dense)) }
        }
    }
}

fn notes(page: &ReportPage<'_>, dense: bool) -> String {
    let segments = page.timeline.segments();
    let mut notes = Vec::new();
    if segments
        .iter()
        .any(|p| matches!(p.kind, SegmentKind::Instant(_, n) if n > 1))
    {
        notes.push(page.text(SIDE_BY_SIDE).to_owned());
    }
    if segments
        .iter()
        .any(|segment| segment.kind == SegmentKind::Gap)
    {
        notes.push(page.text(IDLE_CUT).to_owned());
    }
    if dense {
        notes.push(page.say(DENSE, &[&OUTLIERS.to_string()]));
    }
    notes.join("; ")
}

/// The phases as bands behind the marks, named where there is room.
pub fn bands(page: &ReportPage<'_>, axis: &Axis) -> Markup {
    let (top, bottom) = (px(TOP), px(axis.height()));
    // Neighbours get different shades, unless a gap separates them.
    let mut before = None;
    let shaded: Vec<(bool, &Segment)> = page
        .timeline
        .segments()
        .iter()
        .map(|segment| {
            let other = before == Some(false);
            before = segment.step().map(|_| other);
            (other, segment)
        })
        .collect();
    html! {
        @for (other, segment) in shaded {
            @let (x, width) = (share(segment.left), share(segment.width()));
            @match segment.step() {
                None => {
                    rect.pause x=(x) width=(width) y=(top) height=(bottom) {
                        title { (page.text(IDLE)) ": " (show::micros(segment.to_us.saturating_sub(segment.from_us))) }
                    }
                }
                Some(step) => {
                    rect.band.band-other[other] x=(x) width=(width) y=(top) height=(bottom) {}
                    // A nested drawing cuts a name that has no room.
                    svg x=(x) width=(width) y="0" height=(px(TOP - 4.0)) {
                        text x="2" y="11" { (page.phase_name(step)) }
                    }
                }
            }
        }
    }
}

/// All requests of a kind: one by one up to `most`, else as a density.
fn kind(
    page: &ReportPage<'_>,
    chart: &Chart<'_>,
    mark: Shape,
    placed: &[(f64, &RequestPoint)],
    most: usize,
) -> Markup {
    let y = |point: &RequestPoint| chart.axis.y(f64::from(point.took_us.unwrap_or(1)) / 1e6);
    if placed.len() > most {
        let mut slowest: Vec<&(f64, &RequestPoint)> = placed.iter().collect();
        slowest.sort_by_key(|(_, point)| std::cmp::Reverse((point.took_us, point.index)));
        slowest.truncate(OUTLIERS);
        return html! {
            (chart.stretched(&density(mark, placed, &y)))
            (marks(page, chart, mark, slowest.into_iter().copied(), &y))
        };
    }
    if mark == Shape::Warm {
        // The most frequent kind in the shortest form: points without length, drawn round.
        let mut path = String::new();
        for (x, point) in placed {
            path.push_str(&format!("M{} {}h0", px(x * WIDTH), px(y(point))));
        }
        return chart.stretched(&html! { path.dots d=(path) {} });
    }
    marks(page, chart, mark, placed.iter().copied(), &y)
}

fn marks<'p>(
    page: &ReportPage<'_>,
    chart: &Chart<'_>,
    mark: Shape,
    placed: impl Iterator<Item = (f64, &'p RequestPoint)>,
    y: &dyn Fn(&RequestPoint) -> f64,
) -> Markup {
    let key = mark.key();
    html! {
        g class={ "points points-" (key) } {
            @for (n, (x, point)) in placed.enumerate() {
                @let (x, y) = (share(x), px(chart.top + y(point)));
                @if n < MOST_TOLD {
                    use href={ "#mark-" (key) } x=(x) y=(y) { title { (tooltip(page, point)) } }
                } @else {
                    use href={ "#mark-" (key) } x=(x) y=(y) {}
                }
            }
        }
    }
}

/// A request in words.
fn tooltip(page: &ReportPage<'_>, point: &RequestPoint) -> String {
    let fate = match point.fate {
        Fate::Ok => point.mark.word(page.lang),
        fate => page.text(fate.word()),
    };
    let took = show::micros(u64::from(point.took_us.unwrap_or(0)));
    format!("{}: {took}, {fate}", show::moment(point.at_us, true))
}

/// Cells of the drawing area with how many requests lie in each, in four steps of darkness.
fn density(
    mark: Shape,
    placed: &[(f64, &RequestPoint)],
    y: &dyn Fn(&RequestPoint) -> f64,
) -> Markup {
    const CELL: f64 = 5.0;
    let mut cells: BTreeMap<(u16, u16), u64> = BTreeMap::new();
    for (x, point) in placed {
        // Within 0 to 1,000 by 0 to the height, so the conversions are exact.
        let column = (x.clamp(0.0, 1.0) * (WIDTH - 1.0) / CELL) as u16;
        let row = (y(point).clamp(0.0, HEIGHT - 1.0) / CELL) as u16;
        *cells.entry((row, column)).or_default() += 1;
    }
    let most = cells.values().copied().max().unwrap_or(1) as f64;
    let level = |count: u64| ((count as f64).ln() / most.ln().max(1e-9) * 3.999) as usize;
    let mut paths = [const { String::new() }; 4];
    let cells: Vec<((u16, u16), usize)> = cells
        .into_iter()
        .map(|(at, count)| (at, level(count).min(3)))
        .collect();
    // Neighbours of a row with the same darkness are one rectangle.
    let alike = |a: &((u16, u16), usize), b: &((u16, u16), usize)| {
        a.1 == b.1 && a.0.0 == b.0.0 && a.0.1 + 1 == b.0.1
    };
    for run in cells.chunk_by(alike) {
        let Some(((row, column), level)) = run.first() else {
            continue;
        };
        let (x, y) = (f64::from(*column) * CELL, f64::from(*row) * CELL);
        let width = run.len() as f64 * CELL;
        if let Some(path) = paths.get_mut(*level) {
            path.push_str(&format!("M{x} {y}h{width}v{CELL}h-{width}z"));
        }
    }
    html! {
        @for (level, path) in paths.iter().enumerate() {
            @if !path.is_empty() {
                path class={ (mark.key()) " level-" (level) } d=(path) {}
            }
        }
    }
}

/// A row for each part of the axis.
fn table(page: &ReportPage<'_>) -> ChartTable {
    let mut parts: BTreeMap<u32, Vec<&RequestPoint>> = BTreeMap::new();
    for point in &page.points.all {
        parts.entry(point.step).or_default().push(point);
    }
    let columns = [DUE, N, COLD_STARTS, ERRORS, MIN, MEDIAN, MAX];
    let row = |segment: &Segment| {
        let step = segment.step()?;
        let points = parts.get(&step)?;
        let of = |wanted: &dyn Fn(&RequestPoint) -> bool| {
            show::count(points.iter().filter(|point| wanted(point)).count() as u64)
        };
        let mut times: Vec<u32> = points.iter().filter_map(|point| point.took_us).collect();
        times.sort_unstable();
        let said =
            |at: Option<&u32>| at.map_or("–".to_owned(), |at| show::micros(u64::from(*at)));
        let heading = format!(
            "{} {}",
            show::moment(segment.from_us, false),
            page.phase_name(step)
        );
        let cells = vec![
            show::count(points.len() as u64),
            of(&|point| point.mark == Shape::Cold),
            of(&|point| point.fate != Fate::Ok),
            said(times.first()),
            said(times.get(times.len() / 2)),
            said(times.last()),
        ];
        Some((html! { (heading) }, cells))
    };
    ChartTable {
        columns: columns.map(|text| page.text(text).to_owned()).to_vec(),
        rows: page.timeline.segments().iter().filter_map(row).collect(),
    }
}

/// The shapes that marks refer to, once per document.
pub fn shapes() -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" {
            defs {
                @for shape in [Shape::Cold, Shape::Unknown, Shape::Error, Shape::Throttled, Shape::Warm] {
                    path id={ "mark-" (shape.key()) } d=(shape.path()) transform="translate(-6 -6)" {}
                }
                pattern id="slant" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="5" height="5" class="slant-paper" {}
                    rect width="2.6" height="5" class="slant-ink" {}
                }
            }
        }
    }
}
