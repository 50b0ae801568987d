//! Watches functions while another command runs, and judges its time window like a run.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};

use super::{
    Access, CompletedRun, Observer, RecordPlace, RunError, RunErrorKind, SampleSet,
    blocking::block_on, judge::Judge, record::run_id, region::configured_region, target, told,
    words,
};
use crate::{
    aws::Endpoint,
    control::Info,
    datadog::Keys,
    engine::StopSignal,
    insight::Basis,
    lang::{FunctionName, Reason, Statement, statements::notes},
    record::{
        FunctionNames, Run, ScenarioInfo, Target, TargetKind, TimeRange, Verification,
        WatchedCommand, with_recorder,
    },
    scenario::{Expect, Scenario},
    units::show_duration,
    verify::{self, View, fetch_idle},
};

/// How often the command is polled.
const TICK: Duration = Duration::from_millis(50);

/// How far before the window is looked for what preceded it.
const BEFORE: Duration = Duration::from_secs(3_600);

/// What is watched, and for how long.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    /// Where the record goes.
    pub record: RecordPlace,
    /// The functions; at least one.
    pub functions: Vec<String>,
    /// Their tag `service` in Datadog, if it was given.
    pub service: Option<String>,
    /// Their tag `env` in Datadog, if it was given.
    pub env: Option<String>,
    /// What must appear and what must not.
    pub expect: Expect,
    /// The program and its arguments; empty: nothing is run.
    pub command: Vec<String>,
    /// How far back the window begins if nothing is run.
    pub since: Duration,
    /// The API's address, if it is not Datadog's.
    pub datadog_url: Option<String>,
    /// The region of the functions; None: the one that `aws` would use.
    pub region: Option<String>,
    /// An emulator that stands in for AWS.
    pub emulator: Option<Endpoint>,
    /// How long to wait for expected Insights; None: the API's default.
    pub wait: Option<Duration>,
    /// Ends the command from outside: the second signal kills it.
    pub stop: StopSignal,
    /// The number of a signal that the command is to be sent; 0 for none.
    pub pass_on: Arc<AtomicI32>,
}

/// Runs the command, waits until it has ended, and judges the functions by what Datadog, the
/// sandbox or Lambda's log has of that time. loadgen sends no requests here, so there are no
/// figures of single requests.
///
/// # Errors
/// When the command cannot be started, there is no API or log to ask, or the folder cannot be
/// written.
pub fn watch(
    options: &WatchOptions,
    observer: &mut dyn Observer,
) -> Result<CompletedRun, RunError> {
    options.record.check()?;
    let window = Window::of(options)?;
    let times = told::times();
    let started_at = times.started_at();
    let since = match options.command.is_empty() {
        true => i64::try_from(options.since.as_millis()).unwrap_or(i64::MAX),
        false => 0,
    };
    let from_ms = window.now_ms()?.saturating_sub(since);
    // The command starts last, so that no other failure leaves it running unattended.
    let folder = options.record.create(started_at, NAME)?;
    let child = match options.command.split_first() {
        Some((program, arguments)) => Some(started(program, arguments).inspect_err(|_| {
            // Removes only an empty folder. A folder that stays does no harm.
            let _ = fs::remove_dir(folder.path());
        })?),
        None => None,
    };
    let mut run = begun(options, &window, started_at, from_ms);
    let (ended, recorded) = with_recorder(&folder, &run, |_| match child {
        Some(child) => waited(child, options).map(Some),
        None => Ok(None),
    })?;
    times.end(&mut run);
    recorded.fill(&mut run);
    run.target.range.to_ms = window.now_ms()?;
    run.interrupted = options.stop.is_signalled();
    let (code, signal) = match ended.map_err(RunError::from)? {
        Some(status) => (status.code(), status.signal()),
        None => (None, None),
    };
    run.watched = Some(WatchedCommand {
        line: options.command.join(" "),
        code,
        signal,
    });
    run.notes.push(notes::watched());
    let scenario = watching(options);
    let mut judge = Judge {
        run,
        scenario: &scenario,
        samples: SampleSet::recorded(folder, recorded.tally),
    };
    judge.of_window(&window, options.wait, observer)?;
    window.tell_idle(&mut judge.run);
    judge.finish()
}

/// The name of these runs.
const NAME: &str = "watch";

/// What is asked about the window, and whose clock counts.
struct Window {
    sandbox: Option<Info>,
    access: Option<Access>,
    region: Option<String>,
}

impl Window {
    fn of(options: &WatchOptions) -> Result<Window, RunError> {
        if let Some(address) = &options.datadog_url {
            let sandbox = target::sandbox_at(address)?;
            let basis = match sandbox {
                Some(_) => Basis::Sandbox,
                None => Basis::Datadog,
            };
            let keys = super::keys()?.unwrap_or_else(Keys::for_sandbox);
            let known = sandbox.as_ref().map(|info| &info.functions);
            let absent = known.and_then(|known| {
                let mut names = options.functions.iter();
                names.find(|name| !known.iter().any(|one| one.name == **name))
            });
            if let Some(name) = absent {
                return Err(RunErrorKind::Target.error(words::not_in_sandbox(name)));
            }
            return Ok(Window {
                access: Some(Access::at(address, keys, basis)?),
                sandbox,
                region: None,
            });
        }
        let access = Access::to_datadog()?;
        let region = options.region.clone().or_else(configured_region);
        if access.is_none() && region.is_none() {
            return Err(RunErrorKind::Credentials.error(words::NOBODY_TO_ASK));
        }
        Ok(Window {
            sandbox: None,
            access,
            region,
        })
    }

    /// Notes how long each function had idled when the window began: an environment that was left by
    /// others is warm. CloudWatch is not asked, whose answer would be a log to read.
    fn tell_idle(&self, run: &mut Run) {
        let Some(access) = &self.access else { return };
        let functions = &run.target.functions.invoked;
        let asking = fetch_idle(&access.client, functions, run.target.range.from_ms, BEFORE);
        let found = match block_on(asking).map_err(Reason::of) {
            Ok(Ok(found)) => found,
            Ok(Err(why)) => return run.notes.push(notes::idle_unknown(Reason::of(why))),
            Err(why) => return run.notes.push(notes::idle_unknown(why)),
        };
        let said = |(name, idle): (&String, Option<Duration>)| match idle {
            Some(idle) => notes::idled(FunctionName(name), idle),
            None => notes::idled_longer(FunctionName(name), BEFORE),
        };
        let said: Vec<Statement> = functions.iter().zip(found).map(said).collect();
        run.notes.extend(said);
    }

    /// The time by the clock of the API that is asked.
    fn now_ms(&self) -> Result<i64, RunError> {
        let Some(info) = &self.sandbox else {
            return Ok(Timestamp::now().as_millisecond());
        };
        let now = target::sandbox_at(&info.datadog_url)?;
        Ok(now.as_ref().unwrap_or(info).now.as_millisecond())
    }
}

impl Judge<'_> {
    /// Judges by what was reported of the window.
    fn of_window(
        &mut self,
        window: &Window,
        wait: Option<Duration>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let functions = self.subject(Basis::Client)?.functions.into_iter();
        let views: Vec<View> = functions.map(|watched| watched.view).collect();
        self.run.insights = verify::judge(&self.scenario.expect, &views);
        if self.run.interrupted {
            return self.conclude();
        }
        match &window.access {
            Some(access) => self.by_asking_if_possible(access, wait, observer),
            None => {
                if !self.by_logs(wait, &observer.talk())? {
                    self.run.verification = Verification::Failed;
                    self.conclude()?;
                }
                Ok(())
            }
        }
    }
}

fn started(program: &str, arguments: &[String]) -> Result<Child, RunError> {
    Command::new(program)
        .args(arguments)
        .spawn()
        .map_err(|error| {
            RunErrorKind::Scenario.error(words::command_not_started(program, error.to_string()))
        })
}

/// Waits until the command has ended. Ctrl-C reaches it by itself, and other signals are passed on.
/// The second one of any kind kills it.
fn waited(mut child: Child, options: &WatchOptions) -> std::io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if options.stop.is_cut() {
            child.kill()?;
        }
        let signal = Signal::from_named_raw(options.pass_on.swap(0, Ordering::Relaxed));
        if let (Some(signal), Some(pid)) = (signal, Pid::from_raw(child.id().cast_signed())) {
            kill_process(pid, signal)?;
        }
        thread::sleep(TICK);
    }
}

/// The run's record at its start.
fn begun(options: &WatchOptions, window: &Window, started_at: Timestamp, from_ms: i64) -> Run {
    let what = match options.command.is_empty() {
        true => format!("--since {}", show_duration(options.since)),
        false => options.command.join(" "),
    };
    let kind = match (&window.sandbox, &options.emulator) {
        (Some(_), _) => TargetKind::Sandbox,
        (None, Some(_)) => TargetKind::Http,
        (None, None) => TargetKind::Aws,
    };
    let sandbox = window.sandbox.as_ref();
    let target = Target {
        datadog_url: sandbox.map(|info| info.datadog_url.clone()),
        functions: FunctionNames {
            entry: options.functions.first().cloned(),
            invoked: options.functions.clone(),
            service: options.service.clone(),
            env: options.env.clone(),
            ..FunctionNames::default()
        },
        region: window.region.clone(),
        aws_endpoint: options.emulator.as_ref().map(ToString::to_string),
        configured: sandbox.map_or_else(Vec::new, |info| info.functions.clone()),
        range: TimeRange::begun(from_ms),
        ..Target::at(kind, options.functions.join(", "))
    };
    let info = ScenarioInfo {
        name: NAME.to_owned(),
        title: Statement::verbatim(what),
        ..ScenarioInfo::default()
    };
    Run {
        watched: Some(WatchedCommand::default()),
        ..Run::begun(
            run_id(started_at, NAME),
            info,
            target,
            started_at,
            0,
            Duration::ZERO,
        )
    }
}

/// The expectations as a scenario that sends nothing.
fn watching(options: &WatchOptions) -> Scenario {
    Scenario {
        expect: options.expect.clone(),
        ..Scenario::of_nothing(NAME.to_owned())
    }
}
