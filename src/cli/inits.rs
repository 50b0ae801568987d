//! How long environments initialised, asked for at the end of a run and by `verify`.

use super::{Failure, verifying::Access};
use crate::{
    record::{Folder, Run},
    verify::{FoundInits, InitTimes, Reports, Subject, fetch_inits},
};

/// Asks `access` how long the entry function's environments initialised, and writes it into the
/// run and its samples. That nobody says so is no trouble of the run: then it does not say either.
///
/// # Errors
/// When the run's files cannot be read or written.
pub async fn ask(
    run: &mut Run,
    folder: &Folder,
    access: &Access,
    subject: &Subject,
) -> Result<(), Failure> {
    if run.cold.cold + run.cold.unknown == 0 {
        run.init_times = None;
        return Ok(());
    }
    if let Ok(Some(FoundInits { times, reports })) = fetch_inits(&access.client, subject).await {
        join(run, folder, times, &reports)?;
    }
    Ok(())
}

/// Writes into the samples what `reports` say of each, and into the run what `times` say of all.
/// Samples of which only some are left stay as they are: their histograms count all.
///
/// # Errors
/// When the run's files cannot be read or written.
pub fn join(
    run: &mut Run,
    folder: &Folder,
    times: InitTimes,
    reports: &Reports,
) -> Result<(), Failure> {
    let mut joined = 0;
    if run.samples.is_whole() && !reports.is_empty() {
        folder.rewrite_samples(|sample| joined += u64::from(reports.add_init(sample)))?;
    }
    if joined > 0 {
        run.fill(&folder.figures(run)?);
    }
    run.init_times = Some(InitTimes { joined, ..times });
    Ok(())
}
