//! Two runs side by side: cold starts of both alternate, pair by pair, in a seeded random order.

use std::{io, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::{net::TcpStream, time::timeout};

use super::{
    CompletedRun, Observer, RunError, RunErrorKind,
    blocking::block_on,
    lane::{Contender, Interleaving, Keeping, Lane},
    words,
};
use crate::{
    ab::NO_MORE_COLD,
    lang::statements::failure,
    record::{Run, with_recorder},
    sample::Sample,
};

/// The progress of sending pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairProgress {
    /// Pairs sent.
    pub pairs: u32,
    /// Most pairs.
    pub of: u32,
    /// How long each pair idles by the clock; zero where a sandbox skips it.
    pub idles: Duration,
}

/// How long a connection may take to open.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Both sides' runs so far, with their requests.
pub type SidesSoFar<'a> = [(&'a Run, &'a [Sample]); 2];

/// Sends pairs until `decide` says that they are enough, all are sent, or the run is stopped. At
/// each look, `decide` gets the requests of both sides with their evidence. Blocks.
///
/// # Errors
/// As [`super::run`]: when it cannot start, or a side takes no connection. Nothing was sent then.
pub fn interleave(
    [a, b]: [Contender; 2],
    plan: &Interleaving,
    observer: &mut dyn Observer,
    progress: &mut dyn FnMut(PairProgress),
    decide: &mut dyn FnMut(SidesSoFar<'_>) -> bool,
) -> Result<[CompletedRun; 2], RunError> {
    reached(&a)?;
    reached(&b)?;
    let mut lanes = [
        Lane::begin(a, plan, observer)?,
        Lane::begin(b, plan, observer)?,
    ];
    let begun = [lanes[0].run.clone(), lanes[1].run.clone()];
    let folders = [lanes[0].folder.clone(), lanes[1].folder.clone()];
    let ((sent, of_b), of_a) = with_recorder(&folders[0], &begun[0], |first| {
        with_recorder(&folders[1], &begun[1], |second| {
            let mut keep_a = |sample: &Sample| {
                first.record(sample);
                first.tick();
            };
            let mut keep_b = |sample: &Sample| {
                second.record(sample);
                second.tick();
            };
            let keep: [Keeping<'_>; 2] = [&mut keep_a, &mut keep_b];
            send_pairs(&mut lanes, plan, keep, progress, decide)
        })
    })
    .and_then(|(inner, of_a)| Ok((inner?, of_a)))?;
    let pairs = sent?;
    let [lane_a, lane_b] = lanes;
    Ok([
        lane_a.end(pairs, &of_a, observer)?,
        lane_b.end(pairs, &of_b, observer)?,
    ])
}

/// Opens a connection, so that a side that is dead is named before anything idles by the clock.
fn reached(side: &Contender) -> Result<(), RunError> {
    let found = side.target.found().filter(|found| found.sandbox.is_none());
    let Some(url) = found.map(|found| &found.url) else {
        return Ok(());
    };
    let opened = block_on(async {
        let stream = TcpStream::connect((url.host(), url.port()));
        let opened = timeout(CONNECT_PATIENCE, stream).await;
        opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    })?;
    opened.map(drop).map_err(|error| {
        let why = failure::not_opened(&error.to_string());
        RunErrorKind::Target.error(words::unreachable(&url.to_string(), why))
    })
}

/// Sends pairs. Returns how many were begun.
fn send_pairs(
    lanes: &mut [Lane; 2],
    plan: &Interleaving,
    keep: [Keeping<'_>; 2],
    progress: &mut dyn FnMut(PairProgress),
    decide: &mut dyn FnMut(SidesSoFar<'_>) -> bool,
) -> Result<u32, RunError> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(plan.seed);
    let stop = lanes[0].options.stop.clone();
    let idles = lanes[0].waits().max(lanes[1].waits());
    let so_far = |pairs| PairProgress {
        pairs,
        of: plan.pairs,
        idles,
    };
    progress(so_far(0));
    for pair in 0..plan.pairs {
        let order: [usize; 2] = if random.random() { [0, 1] } else { [1, 0] };
        for side in order {
            if !stop.is_signalled() {
                lanes[side].send(pair, keep[side])?;
            }
        }
        let sent = pair + 1;
        progress(so_far(sent));
        for lane in lanes.iter_mut() {
            lane.give_up_if_hopeless(None);
        }
        let is_over = |lanes: &[Lane; 2]| lanes.iter().any(|lane| lane.aborted.is_some());
        if stop.is_signalled() || is_over(lanes) {
            return Ok(sent);
        }
        let is_look = plan.looks.contains(&sent);
        if is_look || sent == NO_MORE_COLD {
            let [a, b] = [lanes[0].evidence(sent)?, lanes[1].evidence(sent)?];
            lanes[0].give_up_if_hopeless(Some(&a.1));
            lanes[1].give_up_if_hopeless(Some(&b.1));
            if is_over(lanes) || is_look && decide([(&a.0, &a.1), (&b.0, &b.1)]) {
                return Ok(sent);
            }
        }
    }
    Ok(plan.pairs)
}
