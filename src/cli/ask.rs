//! Where telemetry is asked for: the sandbox's API, the store in a run's folder, or Datadog.

use std::{
    io::{IsTerminal, stderr},
    time::Duration,
};

use indicatif::ProgressBar;

use super::Failure;
use crate::{
    datadog::{Client, FoundSpan, Keys, Links, Site, WallTime},
    insight::Basis,
    record::{Folder, Run, TargetKind},
    sandbox::{Embedded, Options, Sandbox},
    units::show_duration,
    verify::{self, Patience, Subject, Traces},
};

/// A Datadog API, real or the sandbox's.
pub struct Place {
    client: Client,
    links: Links,
    /// Whose answers they are.
    pub basis: Basis,
    _embedded: Option<Embedded>,
}

/// What came of asking.
pub struct Answers {
    /// The run's own spans, whole traces of them.
    pub spans: Vec<FoundSpan>,
    /// Evidence for the run's samples.
    pub traces: Traces,
}

impl Place {
    /// Where the telemetry of `run` is: at `datadog_url` if given, at the sandbox that the run
    /// names, or at Datadog if there are keys. None where nobody can be asked.
    ///
    /// # Errors
    /// Unusable addresses, sites and keys.
    pub fn of_run(run: &Run, datadog_url: Option<&str>) -> Result<Option<Place>, Failure> {
        if let Some(url) = datadog_url {
            return Place::at(url).map(Some);
        }
        match (run.target.kind, &run.target.datadog_url) {
            (TargetKind::Sandbox, Some(url)) => Place::new(
                url,
                Keys::for_sandbox(),
                Links::to_base(url),
                Basis::Sandbox,
            )
            .map(Some),
            _ => Place::datadog(),
        }
    }

    /// The telemetry that a run's folder holds, served by a sandbox of our own: the sandbox that
    /// the run spoke to is gone.
    ///
    /// # Errors
    /// When it cannot be served.
    pub fn of_folder(folder: &Folder) -> Result<Place, Failure> {
        let options = Options {
            data: Some(folder.telemetry_file()),
            ..Options::default()
        };
        let embedded = Sandbox::embedded(options).map_err(Failure::new)?;
        let url = embedded.info().datadog_url.clone();
        let place = Place::new(
            &url,
            Keys::for_sandbox(),
            Links::to_base(&url),
            Basis::Sandbox,
        )?;
        Ok(Place {
            _embedded: Some(embedded),
            ..place
        })
    }

    /// Datadog itself, with the keys of the environment; None without keys.
    fn datadog() -> Result<Option<Place>, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let Some(keys) = Keys::from_environment(variable).map_err(Failure::new)? else {
            return Ok(None);
        };
        let site = match variable("DD_SITE") {
            Some(site) => site.parse::<Site>().map_err(Failure::new)?,
            None => Site::default(),
        };
        Place::new(&site.api(), keys, Links::to_site(site), Basis::Datadog).map(Some)
    }

    /// The API at an address: a sandbox's or another stand-in for Datadog's.
    fn at(url: &str) -> Result<Place, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let keys = Keys::from_environment(variable)
            .map_err(Failure::new)?
            .unwrap_or_else(Keys::for_sandbox);
        let basis = match super::target::is_sandbox(url)? {
            true => Basis::Sandbox,
            false => Basis::Datadog,
        };
        Place::new(url, keys, Links::to_base(url), basis)
    }

    fn new(url: &str, keys: Keys, links: Links, basis: Basis) -> Result<Place, Failure> {
        Ok(Place {
            client: Client::new(url, keys).map_err(Failure::new)?,
            links,
            basis,
            _embedded: None,
        })
    }

    /// Asks for every Insight of the subject's functions until what is expected is seen.
    ///
    /// # Errors
    /// What keeps the API from answering at all.
    pub fn insights(
        &self,
        subject: &Subject,
        wait: Option<Duration>,
        quiet: bool,
    ) -> Result<verify::Asked, Failure> {
        let wait = wait.unwrap_or_else(|| Patience::default_wait(self.basis));
        let bar = match !quiet && stderr().is_terminal() {
            true => ProgressBar::new_spinner(),
            false => ProgressBar::hidden(),
        };
        let tell = |progress: &verify::Progress| {
            bar.set_message(said(progress));
            bar.tick();
        };
        let asked = block_on(verify::ask(
            &self.client,
            &WallTime::default(),
            &self.links,
            subject,
            Patience::of(self.basis, wait),
            tell,
        ))?;
        bar.finish_and_clear();
        asked.map_err(Failure::new)
    }

    /// The traces of the run's own requests.
    ///
    /// # Errors
    /// What keeps the API from answering.
    pub fn traces(&self, subject: &Subject) -> Result<Answers, Failure> {
        block_on(async {
            let (spans, traces) = verify::fetch_traces(&self.client, subject).await?;
            let whole = verify::fetch_whole(&self.client, subject, &spans).await?;
            Ok(Answers {
                spans: whole,
                traces,
            })
        })?
        .map_err(|error: crate::datadog::ApiError| Failure::new(error))
    }
}

fn said(progress: &verify::Progress) -> String {
    let mut text = format!(
        "asking for Insights: {} of {} expected seen, {} invocations reported",
        progress.seen, progress.expected, progress.reported
    );
    if let Some(trouble) = &progress.trouble {
        text.push_str(&format!("; {trouble}"));
    }
    if let Some(next) = progress.next {
        text.push_str(&format!("; again in {}", show_duration(next)));
    }
    text
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work))
}
