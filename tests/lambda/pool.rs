//! The pool of environments against theory that holds exactly: on every path, for every traffic.

use std::collections::VecDeque;

use loadgen::lambda::{Nanos, Pool, Reuse};
use proptest::prelude::*;

/// One request of a path: the gap before it, how long it keeps its environment busy, and how
/// long that environment is kept after it.
#[derive(Clone, Copy, Debug)]
struct Visit {
    gap: Nanos,
    busy: Nanos,
    kept: Nanos,
}

/// Serves a path; says for each request whether it was cold.
fn serve(pool: &mut Pool<()>, path: &[Visit]) -> Vec<bool> {
    let mut now = 0;
    path.iter()
        .map(|visit| {
            now += visit.gap;
            let found = pool.take(now);
            let slot = found.unwrap_or_else(|| pool.create(now, ()));
            pool.occupy(slot, now, now + visit.busy, now + visit.busy + visit.kept);
            found.is_none()
        })
        .collect()
}

/// The sample-path identity of most-recently-used reuse, in O(n): with N(t) busy environments
/// and a constant expiry T, an arrival is cold exactly if it lifts N above its maximum over the
/// window of length T before it. No environment is modelled here, only counts.
fn cold_by_window(path: &[Visit], expiry: Nanos) -> Vec<bool> {
    let mut ends: Vec<Nanos> = Vec::new();
    let mut now = 0;
    for visit in path {
        now += visit.gap;
        ends.push(now + visit.busy);
    }
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    // Levels of N with the time at which each stopped to hold, largest first.
    let mut window: VecDeque<(u64, Nanos)> = VecDeque::new();
    let mut busy = 0_u64;
    let held = |window: &mut VecDeque<(u64, Nanos)>, level: u64, until: Nanos| {
        while window.back().is_some_and(|(lower, _)| *lower <= level) {
            window.pop_back();
        }
        window.push_back((level, until));
    };
    let mut now = 0;
    path.iter()
        .map(|visit| {
            now += visit.gap;
            while let Some(end) = ends.next_if(|end| *end <= now) {
                held(&mut window, busy, end);
                busy -= 1;
            }
            held(&mut window, busy, now);
            while window
                .front()
                .is_some_and(|(_, until)| until.saturating_add(expiry) <= now)
            {
                window.pop_front();
            }
            let highest = window.front().map_or(0, |(level, _)| *level);
            busy += 1;
            busy > highest
        })
        .collect()
}

fn path(
    longest_gap: Nanos,
    kept: impl Strategy<Value = Nanos> + Clone,
) -> impl Strategy<Value = Vec<Visit>> {
    let visit =
        (0..=longest_gap, 1..=60_u64, kept).prop_map(|(gap, busy, kept)| Visit { gap, busy, kept });
    prop::collection::vec(visit, 1..400)
}

fn any_reuse() -> impl Strategy<Value = Reuse> {
    prop::sample::select(Reuse::ALL.to_vec())
}

proptest! {
    #[test]
    fn most_recently_used_reuse_is_cold_exactly_where_the_window_says(
        expiry in 0..200_u64,
        longest_gap in prop::sample::select(vec![0_u64, 1, 5, 30, 120]),
        seed in any::<u64>(),
    ) {
        // A generator of its own makes long paths from numbers that shrink well.
        let mut state = seed;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let path: Vec<Visit> = (0..600)
            .map(|_| Visit { gap: next(longest_gap + 1), busy: 1 + next(60), kept: expiry })
            .collect();
        let mut pool = Pool::new(Reuse::MostRecentlyUsed);
        prop_assert_eq!(serve(&mut pool, &path), cold_by_window(&path, expiry));
    }

    #[test]
    fn little_s_law_holds_for_every_policy_and_expiry(
        reuse in any_reuse(),
        path in path(20, 0..100_u64),
    ) {
        // Counting heads at every tick must give the environments' times in all: L = lambda W.
        let mut pool: Pool<()> = Pool::new(reuse);
        let (mut now, mut heads, mut busy_heads) = (0, 0_u128, 0_u128);
        let tick = |pool: &mut Pool<()>, now: Nanos, heads: &mut u128, busy_heads: &mut u128| {
            let count = pool.count(now);
            *heads += u128::from(count.busy + count.idle);
            *busy_heads += u128::from(count.busy);
        };
        for visit in &path {
            for _ in 0..visit.gap {
                tick(&mut pool, now, &mut heads, &mut busy_heads);
                now += 1;
            }
            let slot = pool.take(now).unwrap_or_else(|| pool.create(now, ()));
            pool.occupy(slot, now, now + visit.busy, now + visit.busy + visit.kept);
        }
        for _ in 0..100 {
            tick(&mut pool, now, &mut heads, &mut busy_heads);
            now += 1;
        }
        let usage = pool.usage(now);
        prop_assert_eq!(usage.alive, heads);
        prop_assert_eq!(usage.busy, busy_heads);
    }

    #[test]
    fn no_environment_serves_two_requests_at_once(reuse in any_reuse(), path in path(8, 0..100_u64)) {
        let mut pool: Pool<(u64, Nanos)> = Pool::new(reuse);
        let mut now = 0;
        let mut created = 0;
        for visit in &path {
            now += visit.gap;
            let slot = pool.take(now).unwrap_or_else(|| {
                created += 1;
                pool.create(now, (created, 0))
            });
            let (_, free_from) = *pool.note(slot);
            prop_assert!(free_from <= now);
            pool.note(slot).1 = now + visit.busy;
            pool.occupy(slot, now, now + visit.busy, now + visit.busy + visit.kept);
        }
        prop_assert_eq!(pool.usage(now).created, created);
    }

    #[test]
    fn retired_environments_serve_no_more(reuse in any_reuse(), path in path(8, 50..100_u64)) {
        let mut pool: Pool<u32> = Pool::new(reuse);
        let mut now = 0;
        for (i, visit) in path.iter().enumerate() {
            let generation = (i / 50) as u32;
            now += visit.gap;
            if i % 50 == 0 {
                pool.retire(now);
            }
            let slot = pool.take(now).unwrap_or_else(|| pool.create(now, generation));
            prop_assert_eq!(*pool.note(slot), generation);
            pool.occupy(slot, now, now + visit.busy, now + visit.busy + visit.kept);
        }
        let before = pool.usage(now);
        pool.retire(now);
        let gone = now + 1_000;
        prop_assert_eq!(pool.count(gone), Default::default());
        prop_assert!(pool.usage(gone).alive >= before.alive);
    }
}

/// An environment whose end is not known in advance is as one whose end was.
#[test]
fn an_occupation_that_is_ended_is_one_that_was_known() {
    for reuse in [
        Reuse::MostRecentlyUsed,
        Reuse::Newest,
        Reuse::LeastRecentlyUsed,
    ] {
        let (mut known, mut leased) = (Pool::new(reuse), Pool::new(reuse));
        let slot = known.create(0, 7);
        known.occupy(slot, 0, 10, 40);
        let slot = leased.create(0, 7);
        leased.occupy(slot, 0, Nanos::MAX / 2, Nanos::MAX / 2 + 1);
        assert_eq!(
            leased.busy(1_000),
            1,
            "it serves as long as it is not ended"
        );
        leased.free(slot, 10, 40);
        assert_eq!(
            (leased.count(20), leased.usage(20)),
            (known.count(20), known.usage(20))
        );
        assert_eq!(leased.standing(39).collect::<Vec<_>>(), [&7]);
        assert_eq!(leased.standing(40).count(), 0);
        let slot = leased.create(50, 8);
        leased.occupy(slot, 50, Nanos::MAX / 2, Nanos::MAX / 2 + 1);
        leased.retire(60);
        assert_eq!(
            leased.standing(60).count(),
            1,
            "a busy one is replaced as it ends"
        );
        leased.free(slot, 70, 100);
        assert_eq!(leased.standing(70).count(), 0);
    }
}

#[test]
fn an_end_and_an_expiry_come_before_an_arrival_at_the_same_time() {
    for (gap, cold) in [(9, true), (10, false), (29, false), (30, true), (31, true)] {
        let visit = Visit {
            gap,
            busy: 10,
            kept: 20,
        };
        let mut pool = Pool::new(Reuse::default());
        assert_eq!(serve(&mut pool, &[visit; 2])[1], cold, "gap {gap}");
    }
}
