//! When a side can no longer give what is compared.

use std::collections::BTreeMap;

use super::{
    limits::metric_of,
    sides::{COLD_STEP, PairedMetric, STEPS},
};
use crate::{
    compare::ChangeLimit,
    lang::{FailureKind, Statement, statements::ab},
    sample::{Outcome, Sample, Temperature},
    stats::Class,
};

/// A side none of whose requests succeeded in so many pairs in a row answers no more.
const SILENT: u32 = 3;
/// A side without a cold start in its first pairs, so many, never goes cold.
const NEVER_COLD: u32 = 5;
/// A side that had cold starts gets no more after so many pairs in a row without one.
pub const NO_MORE_COLD: u32 = 10;

/// What a comparison needs of each pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairNeed {
    /// A cold start.
    Cold,
    /// A warm request: no limit is on cold ones.
    Warm,
}

impl PairNeed {
    /// What these limits need. Without any a figure of cold starts decides.
    pub fn of(limits: &[ChangeLimit]) -> PairNeed {
        let is_warm = |metric| matches!(metric, Some(PairedMetric::Latency(_, class)) if class == Class::Warm);
        match !limits.is_empty() && limits.iter().map(metric_of).all(is_warm) {
            true => PairNeed::Warm,
            false => PairNeed::Cold,
        }
    }
}

/// Why a side with these requests is given up on, if it is. `is_final`: nothing more is learnt of
/// requests whose temperature is unknown.
pub fn hopeless(samples: &[Sample], need: PairNeed, is_final: bool) -> Option<Statement> {
    let mut pairs: BTreeMap<u32, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        pairs.entry(sample.step / STEPS).or_default().push(sample);
    }
    let last_pairs = || pairs.values().rev();
    let is_silent = |pair: &&Vec<&Sample>| pair.iter().all(|it| it.outcome != Outcome::Ok);
    let silent = last_pairs().take_while(is_silent).count() as u32;
    if silent >= SILENT {
        let of_last = last_pairs().take(silent as usize).flatten().copied();
        return Some(ab::ab_silent(silent.into(), failures(of_last)));
    }
    let cold = last_pairs().filter_map(|pair| pair.iter().find(|it| it.step % STEPS == COLD_STEP));
    let is_fruitless = |it: &&&Sample| match it.temperature {
        _ if it.outcome != Outcome::Ok => true,
        Temperature::Warm => true,
        Temperature::Unknown => is_final,
        Temperature::Cold => false,
    };
    let fruitless: Vec<&Sample> = cold.take_while(is_fruitless).copied().collect();
    let n = fruitless.len() as u32;
    let enough = match n as usize == pairs.len() {
        true => NEVER_COLD,
        false => NO_MORE_COLD,
    };
    if need == PairNeed::Warm || n < enough {
        return None;
    }
    let failed = failures(fruitless.iter().copied());
    let answered = || fruitless.iter().filter(|it| it.outcome == Outcome::Ok);
    Some(match answered().next() {
        None => ab::ab_cold_fail(n.into(), failed),
        _ if answered().all(|it| it.temperature == Temperature::Warm) => {
            ab::ab_stays_warm(n.into(), failed)
        }
        _ => ab::ab_cold_unknown(n.into(), failed),
    })
}

/// How requests failed.
pub(super) fn failures<'a>(samples: impl Iterator<Item = &'a Sample>) -> Vec<FailureKind> {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for sample in samples.filter(|it| it.outcome != Outcome::Ok) {
        *counts.entry((sample.outcome, sample.status)).or_default() += 1;
    }
    let kind = |((outcome, status), count): ((Outcome, _), _)| FailureKind {
        class: outcome.key().to_owned(),
        status,
        count,
    };
    counts.into_iter().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ab::WARM_STEP;

    /// A pair's cold request and a warm one for each letter: c(old), w(arm), u(nknown), f(ailed), and n
    /// where none of both was answered.
    fn samples(pairs: &str) -> Vec<Sample> {
        let pair = |(pair, letter): (u32, char)| {
            let sample = |step: u32, outcome, temperature| Sample {
                outcome,
                temperature,
                ..Sample::not_sent(0, pair * STEPS + step, 0)
            };
            let (outcome, temperature) = match letter {
                'c' => (Outcome::Ok, Temperature::Cold),
                'w' => (Outcome::Ok, Temperature::Warm),
                'u' => (Outcome::Ok, Temperature::Unknown),
                'f' => (Outcome::FunctionError, Temperature::Unknown),
                _ => (Outcome::ConnectionRefused, Temperature::Unknown),
            };
            let warm = match letter {
                'n' => outcome,
                _ => Outcome::Ok,
            };
            [
                sample(COLD_STEP, outcome, temperature),
                sample(WARM_STEP, warm, Temperature::Warm),
            ]
        };
        (0..).zip(pairs.chars()).flat_map(pair).collect()
    }

    fn found(pairs: &str, need: PairNeed, is_final: bool) -> Option<String> {
        hopeless(&samples(pairs), need, is_final).map(|why| why.text)
    }

    #[test]
    fn a_side_is_given_up_on_once_it_is_certain_that_no_pair_will_have_what_is_compared() {
        let cold = |pairs: &str| found(pairs, PairNeed::Cold, false);
        for hopeful in [
            "",
            "nn",
            "cccnn",
            "wwww",
            "ffff",
            "wwwwc",
            "cwwwwwwwww",
            "uuuuuuuuuuuu",
        ] {
            assert_eq!(cold(hopeful), None, "{hopeful}");
        }
        for (pairs, why) in [
            (
                "nnn",
                "no request of the last 3 pairs succeeded (6 × connection refused)",
            ),
            (
                "ccccnnn",
                "no request of the last 3 pairs succeeded (6 × connection refused)",
            ),
            (
                "wwwww",
                "none of the last 5 cold requests met a cold environment",
            ),
            (
                "wfwww",
                "none of the last 5 cold requests met a cold environment (1 × function error)",
            ),
            (
                "fffff",
                "the last 5 cold requests failed (5 × function error)",
            ),
            (
                "cwwwwwwwwww",
                "none of the last 10 cold requests met a cold environment",
            ),
        ] {
            assert_eq!(cold(pairs).as_deref(), Some(why), "{pairs}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_hopeless_only_when_nothing_more_will_be_known() {
        let why = "no evidence says that any of the last 5 cold requests was a cold start";
        assert_eq!(found("uuuuu", PairNeed::Cold, true).as_deref(), Some(why));
        assert_eq!(found("uuuuc", PairNeed::Cold, true), None);
    }

    #[test]
    fn a_side_that_stays_warm_is_compared_by_its_warm_requests() {
        assert_eq!(found("wwwwwwwwwwww", PairNeed::Warm, true), None);
        assert!(found("wwwnnn", PairNeed::Warm, true).is_some());
        let limits = |limits: &[&str]| -> Vec<ChangeLimit> {
            limits
                .iter()
                .map(|it| it.parse().expect("a limit"))
                .collect()
        };
        assert_eq!(PairNeed::of(&[]), PairNeed::Cold);
        assert_eq!(PairNeed::of(&limits(&["warm.p50 > 5%"])), PairNeed::Warm);
        let both = limits(&["warm.p50 > 5%", "cold.p50 > 5%"]);
        assert_eq!(PairNeed::of(&both), PairNeed::Cold);
    }
}
