//! How long environments initialised, asked for at the end of a run and by `verify`.

use super::{Access, RunError, blocking::block_on, judge::Judge};
use crate::{
    record::InitTimes,
    verify::{FoundInits, Reports, Subject, fetch_inits},
};

impl Judge<'_> {
    /// Asks `access` how long the entry function's environments initialised, and writes it into the
    /// run and its samples. If the API does not report it, the run does not either.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub(super) fn ask_inits(&mut self, access: &Access, subject: &Subject) -> Result<(), RunError> {
        if self.run.cold.cold + self.run.cold.unknown == 0 {
            self.run.init_times = None;
            return Ok(());
        }
        let found = block_on(fetch_inits(&access.client, subject))?;
        if let Ok(Some(FoundInits { times, reports })) = found {
            self.join_inits(times, &reports)?;
        }
        Ok(())
    }

    /// Writes into the samples what `reports` say about each, and into the run what `times` say
    /// about all. Thinned samples stay unchanged, because their histograms count all requests.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub(super) fn join_inits(
        &mut self,
        times: InitTimes,
        reports: &Reports,
    ) -> Result<(), RunError> {
        let joined = match self.run.samples.is_whole() && !reports.is_empty() {
            true => self
                .samples
                .improve(&mut self.run, |sample| reports.add_init(sample))?,
            false => 0,
        };
        self.run.init_times = Some(InitTimes { joined, ..times });
        Ok(())
    }
}
