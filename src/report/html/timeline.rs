//! The axis of time: the steps of the schedule side by side, idle times shortened.
//!
//! A run idles for minutes and then sends a burst within a millisecond. A linear axis would show
//! neither, so each step gets its own part. A step that lasts is as wide as it is long. Requests of
//! one instant are placed side by side in their order. The time between steps is a narrow gap
//! labelled with its length.

use std::collections::BTreeMap;

use super::{points::RequestPoint, show};
use crate::look::chart::{Anchor, Tick};

/// The axis of time.
#[derive(Debug, Default)]
pub struct Timeline {
    segments: Vec<Segment>,
}

/// A part of the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its first moment, in microseconds since the start.
    pub from_us: u64,
    /// Its last moment.
    pub to_us: u64,
    /// Its left edge, from 0 to 1.
    pub left: f64,
    /// Its right edge.
    pub right: f64,
    /// What it shows.
    pub kind: SegmentKind,
}

/// What a part of the axis shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// A step of the schedule that lasts.
    Lasting(u32),
    /// A step whose requests were all due at once, and how many.
    Instant(u32, usize),
    /// Nothing was due.
    Gap,
}

impl Segment {
    /// Its width, from 0 to 1.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The step of the schedule that it shows.
    pub fn step(&self) -> Option<u32> {
        match self.kind {
            SegmentKind::Lasting(step) | SegmentKind::Instant(step, _) => Some(step),
            SegmentKind::Gap => None,
        }
    }

    /// The position on the full axis, from 0 to 1, of a moment within this part.
    pub fn place(&self, at_us: u64) -> f64 {
        let length = self.to_us.saturating_sub(self.from_us).max(1) as f64;
        let along = at_us.saturating_sub(self.from_us) as f64 / length;
        self.left + self.width() * along.clamp(0.0, 1.0)
    }
}

/// Requests closer than this, in microseconds, are due at once.
const INSTANT_US: u64 = 1_000;

/// The data needed of a step's points.
struct StepSpan {
    step: u32,
    from_us: u64,
    to_us: u64,
    points: usize,
}

impl Timeline {
    /// The axis for points, which must be sorted by time.
    pub fn of(points: &[RequestPoint]) -> Timeline {
        let mut steps: BTreeMap<u32, StepSpan> = BTreeMap::new();
        for point in points {
            let step = steps.entry(point.step).or_insert(StepSpan {
                step: point.step,
                from_us: point.at_us,
                to_us: point.at_us,
                points: 0,
            });
            step.to_us = step.to_us.max(point.at_us);
            step.points += 1;
        }
        let mut steps: Vec<StepSpan> = steps.into_values().collect();
        steps.sort_by_key(|step| (step.from_us, step.step));
        Timeline {
            segments: laid_out(&steps),
        }
    }

    /// The parts from left to right.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The position of each point, from 0 to 1. They must be the points of this axis.
    pub fn places<'a>(
        &'a self,
        points: &'a [RequestPoint],
    ) -> impl Iterator<Item = (f64, &'a RequestPoint)> {
        let by_step: BTreeMap<u32, &Segment> = self
            .segments
            .iter()
            .filter_map(|segment| Some((segment.step()?, segment)))
            .collect();
        let mut passed: BTreeMap<u32, usize> = BTreeMap::new();
        points.iter().filter_map(move |point| {
            let segment = by_step.get(&point.step)?;
            let place = match segment.kind {
                SegmentKind::Instant(_, n) => {
                    let before = passed.entry(point.step).or_default();
                    *before += 1;
                    segment.left + segment.width() * (*before as f64 - 0.5) / n.max(1) as f64
                }
                _ => segment.place(point.at_us),
            };
            Some((place, point))
        })
    }

    /// The total length of the steps that last, in microseconds.
    pub fn lasting_us(&self) -> u64 {
        self.segments
            .iter()
            .filter(|segment| matches!(segment.kind, SegmentKind::Lasting(_)))
            .map(|segment| segment.to_us - segment.from_us)
            .fold(0, u64::saturating_add)
    }
}

/// Marks closer than this would overlap on a narrow screen.
const TICK_ROOM: f64 = 0.13;

/// The distances between marks of the axis, in seconds: round numbers of units of time.
const TICK_STEPS: [u64; 14] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200,
];

impl Timeline {
    /// The times below the axis: where each part begins, and round ones within.
    pub fn ticks(&self) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        let mut free_from = 0.0;
        for segment in self
            .segments
            .iter()
            .filter(|segment| segment.kind != SegmentKind::Gap)
        {
            for at_us in segment.marks() {
                let at = segment.place(at_us);
                if at < free_from || at > 0.97 {
                    continue;
                }
                free_from = at + TICK_ROOM;
                ticks.push(Tick {
                    at,
                    text: show::moment(at_us, false),
                    anchor: Anchor::Start,
                });
            }
        }
        ticks
    }
}

impl Segment {
    fn marks(&self) -> Vec<u64> {
        let mut marks = vec![self.from_us];
        if let SegmentKind::Lasting(_) = self.kind {
            let length = self.to_us - self.from_us;
            let fit = (self.width() / TICK_ROOM).max(1.0) as u64;
            let step = TICK_STEPS
                .into_iter()
                .map(|seconds| seconds * 1_000_000)
                .find(|step| length / step < fit);
            if let Some(step) = step {
                let first = self.from_us / step + 1;
                marks.extend(
                    (first..)
                        .map_while(|n| n.checked_mul(step))
                        .take_while(|at| *at < self.to_us),
                );
            }
        }
        marks
    }
}

fn laid_out(steps: &[StepSpan]) -> Vec<Segment> {
    let lasts = |step: &StepSpan| step.to_us - step.from_us > INSTANT_US;
    let lasting = steps
        .iter()
        .filter(|step| lasts(step))
        .map(|step| step.to_us - step.from_us)
        .fold(0, u64::saturating_add);
    // Whether a pause is a gap depends on the length of the run.
    let shortest_gap = (lasting / 5).max(2_000_000);
    let mut segments: Vec<Segment> = Vec::new();
    for step in steps {
        if let Some(last) = segments.last_mut() {
            let pause = step.from_us.saturating_sub(last.to_us);
            if pause > shortest_gap {
                let (from_us, to_us) = (last.to_us, step.from_us);
                segments.push(segment(from_us, to_us, SegmentKind::Gap));
            } else if matches!(last.kind, SegmentKind::Lasting(_)) {
                last.to_us = last.to_us.max(step.from_us);
            }
        }
        let kind = match lasts(step) {
            true => SegmentKind::Lasting(step.step),
            false => SegmentKind::Instant(step.step, step.points),
        };
        segments.push(segment(step.from_us, step.to_us, kind));
    }
    widen(&mut segments);
    segments
}

fn segment(from_us: u64, to_us: u64, kind: SegmentKind) -> Segment {
    Segment {
        from_us,
        to_us,
        left: 0.0,
        right: 0.0,
        kind,
    }
}

/// Gives every part its width.
fn widen(segments: &mut [Segment]) {
    let count =
        |wanted: fn(&SegmentKind) -> bool| segments.iter().filter(|p| wanted(&p.kind)).count();
    let gaps = count(|kind| *kind == SegmentKind::Gap);
    let instants = count(|kind| matches!(kind, SegmentKind::Instant(..)));
    let lasting = count(|kind| matches!(kind, SegmentKind::Lasting(_)));
    let gap = (0.2 / gaps.max(1) as f64).min(0.04);
    let rest = 1.0 - gap * gaps as f64;
    let instant = match lasting {
        0 => rest / instants.max(1) as f64,
        _ => (rest * 0.5 / instants.max(1) as f64).min(0.16),
    };
    let rest = rest - instant * instants as f64;
    // Every step is wide enough to be seen, however short it is.
    let least = rest * 0.25 / lasting.max(1) as f64;
    let by_length = rest - least * lasting as f64;
    let length = |segment: &Segment| (segment.to_us - segment.from_us).max(1) as f64;
    let total: f64 = segments
        .iter()
        .filter(|segment| matches!(segment.kind, SegmentKind::Lasting(_)))
        .map(length)
        .sum();
    let mut left = 0.0;
    for segment in segments {
        let width = match segment.kind {
            SegmentKind::Gap => gap,
            SegmentKind::Instant(..) => instant,
            SegmentKind::Lasting(_) => least + by_length * length(segment) / total.max(1.0),
        };
        segment.left = left;
        left += width;
        segment.right = left;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::points::Fate, *};

    fn point(at_us: u64, index: u64, step: u32) -> RequestPoint {
        RequestPoint {
            at_us,
            index,
            step,
            took_us: Some(1),
            fate: Fate::Ok,
            mark: crate::look::Shape::Warm,
        }
    }

    proptest! {
        #[test]
        fn every_request_has_a_place_and_the_axis_is_full(
            times in prop::collection::vec((0_u64..4_000_000_000, 0_u32..12), 1..200),
        ) {
            let mut points: Vec<RequestPoint> = times
                .iter()
                .enumerate()
                .map(|(index, (at, step))| point(*at, index as u64, *step))
                .collect();
            points.sort_unstable();
            let timeline = Timeline::of(&points);
            let places: Vec<f64> = timeline.places(&points).map(|(x, _)| x).collect();
            prop_assert_eq!(places.len(), points.len());
            prop_assert!(places.iter().all(|x| (0.0..=1.000_001).contains(x)), "{places:?}");
            let segments = timeline.segments();
            prop_assert!(segments.windows(2).all(|two| two[0].right == two[1].left));
            prop_assert!((segments[segments.len() - 1].right - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn times_that_only_a_damaged_file_has_come_to_an_end() {
        let last = u64::MAX;
        let points = [
            point(0, 0, 0),
            point(last, 1, 0),
            point(last - 60_000_000, 2, 1),
            point(last, 3, 1),
        ];
        let timeline = Timeline::of(&points);
        assert!(timeline.ticks().len() < 20);
        assert_eq!(timeline.lasting_us(), last);
    }

    #[test]
    fn a_burst_after_a_long_idle_time_gets_room_and_the_idle_time_little() {
        let burst =
            |step: u32, at: u64| (0..20).map(move |i| point(at, u64::from(step) * 20 + i, step));
        let points: Vec<RequestPoint> = burst(1, 900_000_000)
            .chain(burst(3, 1_800_000_000))
            .collect();
        let timeline = Timeline::of(&points);
        let kinds: Vec<SegmentKind> = timeline
            .segments()
            .iter()
            .map(|segment| segment.kind)
            .collect();
        assert_eq!(
            kinds,
            [
                SegmentKind::Instant(1, 20),
                SegmentKind::Gap,
                SegmentKind::Instant(3, 20)
            ]
        );
        assert!(timeline.segments()[1].width() < 0.05);
        // Requests of one instant are placed side by side.
        let places: Vec<f64> = timeline.places(&points).map(|(x, _)| x).collect();
        assert!(places.is_sorted_by(|a, b| a < b));
    }
}
