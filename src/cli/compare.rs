//! `loadgen compare A B`: what differs between two runs, and whether that is more than noise.

use std::path::Path;

use clap::Args;

use super::{Exit, Failure, flags::RunsDir, out};
use crate::{
    compare::{self, ChangeLimit, Side},
    lang::{Phrase, Reason, texts},
    record::{Run, Runs},
    report::{ComparisonFormat, EmbeddedRun, comparison, read_html},
    sample::Sample,
};

/// Compare two runs: what differs, and whether so many requests could show it
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The run to compare with: its folder, its name in `loadgen runs`, its HTML report, or `latest`
    #[arg(value_name = "A")]
    a: String,
    /// The run that is compared, named likewise
    #[arg(value_name = "B")]
    b: String,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ComparisonFormat,
    /// Fail if B is worse than A by more than this and the change is significant, or if it cannot
    /// be determined, for example "warm.p99 > 10%" (of a share: points); may be repeated
    #[arg(long, value_name = "FIGURE > CHANGE")]
    fail_on: Vec<ChangeLimit>,
    /// Compare runs of different scenarios all the same
    #[arg(long)]
    anyway: bool,
    #[command(flatten)]
    runs: RunsDir,
}

/// Compares.
///
/// # Errors
/// When one of them is no run that can be read, or they ran different scenarios.
pub fn run(typed: &CompareArgs) -> Result<Exit, Failure> {
    let runs = typed.runs.runs();
    let a = side(&runs, &typed.a, &typed.fail_on)?;
    let b = side(&runs, &typed.b, &typed.fail_on)?;
    if let Some(different) = compare::different_scenarios(&a.run, &b.run)
        && !typed.anyway
    {
        return Err(Failure::new(other_scenarios(different)));
    }
    let compared = compare::compare(&a, &b, &typed.fail_on);
    out::text(comparison(typed.format, &compared, &a, &b))?;
    let kept = |limit: &compare::ChangeLimitResult| !limit.fails() && !limit.cannot_be_determined();
    let held = compared.limits.iter().all(kept);
    Ok(if held { Exit::Met } else { Exit::Missed })
}

fn side(runs: &Runs, typed: &str, limits: &[ChangeLimit]) -> Result<Side, Failure> {
    let file = Path::new(typed);
    if file.is_file() {
        let EmbeddedRun {
            run,
            latencies,
            scatters,
            functions,
        } = read_html(file)?;
        check_parts(&run, limits)?;
        return Ok(Side::of_report(run, latencies, scatters, functions));
    }
    let folder = runs.find(Some(typed))?;
    let run = folder.read_run()?;
    check_parts(&run, limits)?;
    let latencies = folder.figures(&run)?.latencies;
    let samples: Vec<Sample> = folder.samples()?.collect();
    if let Some(least) = lacking(&run, samples.len() as u64) {
        // Less scatter than there was would make a difference look certain, or hide it.
        let file = folder.samples_file().display().to_string();
        return Err(Failure::new(samples_cut(file, samples.len(), least)));
    }
    let side = Side::new(run, samples.iter().cloned(), latencies);
    let figures = limits.iter().map(|limit| &limit.figure);
    let side = figures.fold(side, |side, figure| side.with_part(figure, &samples));
    Ok(side.with_functions(&samples))
}

/// # Errors
/// When a limit names a phase or a function that the run has not.
fn check_parts(run: &Run, limits: &[ChangeLimit]) -> Result<(), Failure> {
    let phases = run.phases.iter().map(|phase| phase.name.as_str());
    let functions = run.functions.iter().map(|one| one.requests.name.as_str());
    for limit in limits {
        let phase = limit.figure.check_phase(phases.clone());
        let checked = phase.and_then(|()| limit.figure.check_function(functions.clone()));
        checked.map_err(|error| {
            Failure::new(not_in_run(
                limit.to_string(),
                &run.run_id,
                Reason::of(error),
            ))
        })?;
    }
    Ok(())
}

texts! {
    const;
    other_scenarios(different: Phrase): "{}, so their figures are of different things: compare runs of one scenario, or add --anyway",
        "{}. 서로 다른 것을 잰 지표입니다. 같은 시나리오의 실행을 비교하거나 --anyway를 추가하세요";
    samples_cut(file: String, read: usize, least: u64): "{} holds {} requests where there should be {} or more: it was cut or removed, so nothing can be said of the run",
        "{}에 요청이 {}개 있지만 {}개 이상이어야 합니다. 파일이 잘렸거나 삭제되어 실행을 비교할 수 없습니다";
    not_in_run(limit: String, run: &str, why: Reason): "--fail-on \"{}\": of {}, {}", "--fail-on \"{}\": {} 실행에서 {}";
}

/// How many samples there should be when fewer were read than the run kept; of a thinned run a tenth less, or
/// five standard deviations, may be chance.
fn lacking(run: &Run, read: u64) -> Option<u64> {
    let requests = &run.requests;
    let over = (requests.completed)
        .saturating_add(requests.failed)
        .saturating_add(requests.timed_out);
    let least = match run.samples.is_whole() {
        true => over,
        false => {
            let (over, share) = (over as f64, run.samples.share.clamp(0.0, 1.0));
            let chance = 5.0 * (over * share * (1.0 - share)).sqrt();
            (over * share - chance.max(over * share * 0.1)) as u64
        }
    };
    (read < least).then_some(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Folder;

    #[test]
    fn a_run_whose_samples_were_cut_is_told_from_a_whole_and_from_a_thinned_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/mixed");
        let mut run = Folder::at(path).read_run().expect("a run");
        assert_eq!(lacking(&run, 120), None);
        assert_eq!(lacking(&run, 119), Some(120));
        run.samples.share = 0.5;
        assert_eq!(lacking(&run, 58), None);
        assert!(lacking(&run, 30).is_some());
    }
}
