//! The parts of all cold starts of a run, added up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Anatomy, ColdPart};

/// How many modules are kept of a run.
const MOST_IMPORTS: usize = 20;

/// What the cold starts of a run are made of, an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnatomySum {
    /// How many cold starts were added up.
    pub n: u64,
    /// Their response times together, in milliseconds; the parts up to the answer add up to it.
    pub response_ms: f64,
    /// The parts that any of them has, in the order of time.
    pub parts: Vec<PartSum>,
    /// The modules with the most time of their own, longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<ImportSum>,
    /// What to look at first: the largest part that the reader can change.
    pub first: Option<ColdPart>,
}

/// One part of all cold starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartSum {
    /// The part.
    pub part: ColdPart,
    /// How many cold starts have it.
    pub n: u64,
    /// All of it together, in milliseconds.
    pub total_ms: f64,
    /// The median over all cold starts, those without it as 0, in milliseconds. What comes after the
    /// answer is known of some alone, and its median is theirs.
    pub median_ms: f64,
    /// Its share of the response times, 0 to 1; None of what comes after the answer.
    pub share: Option<f64>,
}

/// One module of all cold starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportSum {
    /// Its name.
    pub module: String,
    /// How many cold starts imported it.
    pub n: u64,
    /// Its own time together, in milliseconds.
    pub total_ms: f64,
}

impl AnatomySum {
    /// The sum; None of no cold start, and where nothing but the client's own measure is known.
    pub fn of<'a>(all: impl Iterator<Item = &'a Anatomy> + Clone) -> Option<AnatomySum> {
        if !all.clone().any(Anatomy::has_evidence) {
            return None;
        }
        let n = all.clone().count();
        let response_us: u64 = all.clone().map(Anatomy::response_us).sum();
        let part = |part: ColdPart| {
            let mut us: Vec<u64> = all.clone().map(|one| one.us(part)).collect();
            us.sort_unstable();
            let total: u64 = us.iter().sum();
            let has = us.iter().filter(|us| **us > 0).count();
            let us = match part.is_after() {
                true => &us[us.len() - has..],
                false => &us[..],
            };
            let share = total as f64 / response_us.max(1) as f64;
            let middle = |place: usize| us.get(place).copied().unwrap_or(0) as f64;
            (total > 0).then(|| PartSum {
                part,
                n: has as u64,
                total_ms: total as f64 / 1e3,
                median_ms: f64::midpoint(middle(us.len() / 2), middle((us.len() - 1) / 2)) / 1e3,
                share: (!part.is_after()).then_some(share),
            })
        };
        let parts: Vec<PartSum> = ColdPart::ALL.iter().copied().filter_map(part).collect();
        let first = (parts.iter())
            .filter(|sum| sum.part.advice().is_some())
            .max_by(|a, b| a.total_ms.total_cmp(&b.total_ms));
        Some(AnatomySum {
            n: n as u64,
            response_ms: response_us as f64 / 1e3,
            first: first.map(|sum| sum.part),
            imports: imports(all),
            parts,
        })
    }

    /// A part's sum, where any cold start has it.
    pub fn part(&self, part: ColdPart) -> Option<&PartSum> {
        self.parts.iter().find(|sum| sum.part == part)
    }
}

fn imports<'a>(all: impl Iterator<Item = &'a Anatomy>) -> Vec<ImportSum> {
    let mut modules: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for import in all.flat_map(|one| &one.imports) {
        let (n, us) = modules.entry(&import.module).or_default();
        (*n, *us) = (*n + 1, us.saturating_add(import.own_us));
    }
    let sum = |(module, (n, us)): (&str, (u64, u64))| ImportSum {
        module: module.to_owned(),
        n,
        total_ms: us as f64 / 1e3,
    };
    let mut sums: Vec<ImportSum> = modules.into_iter().map(sum).collect();
    sums.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
    sums.truncate(MOST_IMPORTS);
    sums
}
