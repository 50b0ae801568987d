//! Which samples are written, so that the file stays small however long a run is.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// At most this many lines are in `samples.ndjson`. Of a run with more requests a uniform share is
/// kept. If the run's length is planned, it is the share that just fits. Otherwise every second
/// sample is dropped whenever the limit is reached.
pub const MOST_SAMPLES: u64 = 100_000;

/// Which samples are written: a uniform share, and always the same one for the same indices. Clones
/// share the state, so that another thread can lower the share.
#[derive(Clone, Debug)]
pub struct Keep {
    /// A sample is kept while the hash of its index is at most this.
    up_to: Arc<AtomicU64>,
}

impl Keep {
    /// This share, 0 to 1.
    pub fn share(share: f64) -> Keep {
        let up_to = (share.clamp(0.0, 1.0) * u64::MAX as f64) as u64;
        Keep {
            up_to: Arc::new(AtomicU64::new(up_to)),
        }
    }

    /// The share, 0 to 1, that keeps about [`MOST_SAMPLES`] of this many requests.
    pub fn of_planned(requests: u64) -> f64 {
        // A little below, so that chance does not push the count over the limit.
        match requests {
            0..=MOST_SAMPLES => 1.0,
            _ => 0.98 * MOST_SAMPLES as f64 / requests as f64,
        }
    }

    /// Whether the sample with this index is kept.
    pub fn takes(&self, index: u64) -> bool {
        // SplitMix64's finaliser spreads neighbouring indices uniformly.
        let mut hash = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (hash ^ (hash >> 31)) <= self.up_to.load(Ordering::Relaxed)
    }

    /// Keeps half as many from now on, a subset of those that were kept before.
    pub fn halve(&self) {
        let half = self.up_to.load(Ordering::Relaxed) / 2;
        self.up_to.store(half, Ordering::Relaxed);
    }

    /// The share as it is now, 0 to 1.
    pub fn now(&self) -> f64 {
        self.up_to.load(Ordering::Relaxed) as f64 / u64::MAX as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_samples_is_kept_uniformly() {
        let keep = Keep::share(0.1);
        for block in 0..10_u64 {
            let kept = (block * 10_000..(block + 1) * 10_000)
                .filter(|index| keep.takes(*index))
                .count();
            assert!((850..1150).contains(&kept), "block {block}: {kept}");
        }
        assert!((0..1000).all(|index| Keep::share(1.0).takes(index)));
    }

    #[test]
    fn half_of_a_share_is_a_part_of_it() {
        let (whole, half) = (Keep::share(0.5), Keep::share(0.5));
        half.halve();
        assert!((half.now() - 0.25).abs() < 1e-9);
        assert!((0..10_000).all(|index| whole.takes(index) || !half.takes(index)));
    }

    #[test]
    fn what_is_kept_of_a_planned_run_stays_within_the_limit() {
        for requests in [1, 99_999, 100_000, 100_001, 1_200_000] {
            let keep = Keep::share(Keep::of_planned(requests));
            let kept = (0..requests).filter(|index| keep.takes(*index)).count() as u64;
            assert!(kept <= MOST_SAMPLES, "{kept} of {requests}");
            assert!(
                kept >= requests.min(MOST_SAMPLES * 97 / 100),
                "{kept} of {requests}"
            );
        }
    }
}
