//! `loadgen aws`: the sample app on AWS, through the user's own `aws` command.

mod words;

use std::{error::Error, fmt::Display, time::Duration};

use clap::{Args, Subcommand};
use rand::{TryRng, rngs::SysRng};

use super::{Exit, Failure, interrupt, out, prompt::confirmed};
use crate::{
    aws::{
        self, Aws, AwsPlace, DEFAULT_STACK, Deployment, Endpoint, StateFolder,
        broken::{Break, Restore, break_function, restore_function},
        price,
        stack::{Deployed, delete, deploy, find, template_functions},
    },
    datadog::Keys,
    environment::variable,
    lang::{Phrase, Text},
    run::block_on,
    units::{Memory, parse_duration},
};

/// Deploy, break, cool, restore and delete the sample app on AWS.
///
/// Runs your own `aws` command with your own credentials, and shows every call as you could type
/// it. Keys come from the environment and never stand in a call.
#[derive(Debug, Args)]
pub struct AwsCommand {
    #[command(subcommand)]
    action: AwsAction,
    /// The CloudFormation stack
    #[arg(long, global = true, default_value = DEFAULT_STACK)]
    stack: String,
    /// The AWS region; else AWS_REGION, AWS_DEFAULT_REGION or what `aws configure` has stored
    #[arg(long, global = true)]
    region: Option<String>,
    /// An emulator on this machine instead of AWS, for example http://127.0.0.1:4566
    #[arg(long, global = true)]
    endpoint: Option<Endpoint>,
    /// Show every call, make none
    #[arg(long, global = true)]
    dry_run: bool,
}

#[derive(Debug, Subcommand)]
enum AwsAction {
    /// Create the stack, or bring it up to date. Needs DD_API_KEY (or DD_API_KEY_FILE) at first
    Deploy(Deploy),
    /// Print the stack's outputs: where requests go, and what answers them
    Outputs,
    /// Empty all execution environments, so that the next requests are cold starts
    Cold {
        /// This function only; else all of the stack
        #[arg(long)]
        function: Option<String>,
    },
    /// Make a function raise 'Throw an error.', as the guide does, and remember the original
    Break {
        /// This function; else the entry function
        #[arg(long)]
        function: Option<String>,
    },
    /// Put the original code back
    Restore {
        /// This function; else all that were broken from this machine in the region
        #[arg(long)]
        function: Option<String>,
    },
    /// Delete the stack and everything in it
    Delete {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
struct Deploy {
    /// Memory of both functions, for example 512MB
    #[arg(long)]
    memory: Option<Memory>,
    /// Timeout of both functions: full seconds, 1s to 30s
    #[arg(long, value_parser = whole_seconds)]
    timeout: Option<Duration>,
    /// How many environments the entry function may have at once
    #[arg(long)]
    reserved_concurrency: Option<u32>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

fn whole_seconds(text: &str) -> Result<Duration, Phrase> {
    let timeout = parse_duration(text)?;
    if timeout.subsec_nanos() == 0 && (1..=30).contains(&timeout.as_secs()) {
        Ok(timeout)
    } else {
        Err(words::bad_timeout(text))
    }
}

impl AwsCommand {
    /// Runs the action. Ctrl-C ends it at once and says what it leaves behind.
    pub fn run(self) -> Result<Exit, Failure> {
        block_on(async {
            let region = match aws::region(self.region.as_deref()).await {
                Ok(region) => region,
                Err(_) if self.dry_run => "REGION".to_owned(),
                Err(error) => return Err(Failure::new(error)),
            };
            let target = AwsPlace {
                region,
                endpoint: self.endpoint.clone(),
            };
            // In a dry run the calls are the result, so they go to stdout.
            let aws = if self.dry_run {
                Aws::new(target, |line| {
                    let _ = out::line(line);
                })
                .dry_run()
            } else {
                Aws::new(target, |line| out::say(line))
            };
            // A call that is dropped takes its files with it.
            let interrupted = interrupt::stopped()?;
            let ended = tokio::select! {
                ended = self.act(&aws) => ended,
                () = interrupted => Err(Stop::Interrupted),
            };
            self.conclude(&aws, ended)
        })?
    }

    async fn act(&self, aws: &Aws) -> Result<(), Stop> {
        let state = StateFolder::of_user()?;
        if !matches!(self.action, AwsAction::Restore { .. }) {
            for broken in state.broken() {
                out::say(words::note(broken.reminder()));
            }
        }
        match &self.action {
            AwsAction::Deploy(flags) => self.deploy(aws, flags).await,
            AwsAction::Outputs => self.outputs(aws).await,
            AwsAction::Cold { function } => self.cold(aws, function.as_deref()).await,
            AwsAction::Break { function } => self.break_it(aws, &state, function.as_deref()).await,
            AwsAction::Restore { function } => self.restore(aws, &state, function.as_deref()).await,
            AwsAction::Delete { yes } => self.delete(aws, &state, *yes).await,
        }
    }

    async fn deploy(&self, aws: &Aws, flags: &Deploy) -> Result<(), Stop> {
        let usage = price::Usage {
            memory_mb: flags
                .memory
                .map_or(price::Usage::THOUSAND.memory_mb, Memory::mb),
            ..price::Usage::THOUSAND
        };
        let cost = price::estimate(&usage).sentence();
        out::say(words::deploys(&self.stack, aws.region(), cost));
        self.confirm(flags.yes, words::DEPLOY_IT)?;
        let before = find(aws, &self.stack).await?;
        let wanted = self.deployment(flags, before.is_some())?;
        let done = deploy(aws, &self.stack, before.as_ref(), &wanted).await?;
        if self.dry_run {
            return Ok(());
        }
        let outcome = match done {
            Deployed::Created => words::CREATED,
            Deployed::Updated => words::UPDATED,
            Deployed::Unchanged => words::UNCHANGED,
        };
        out::say(words::deployed(
            outcome,
            aws.target().command("delete", &self.stack),
        ));
        self.outputs(aws).await
    }

    /// What flags and environment set. A new stack needs both keys.
    fn deployment(&self, flags: &Deploy, exists: bool) -> Result<Deployment, Failure> {
        let example = |text: &str| self.dry_run.then(|| text.to_owned());
        let api_key = Keys::api_key(variable)?;
        let api_key = api_key.or_else(|| example("from DD_API_KEY"));
        if !exists && api_key.is_none() {
            return Err(Failure::new(words::NEEDS_KEY));
        }
        let fault_key = match variable("LOADGEN_FAULT_KEY") {
            None if !exists => Some(example("made up at random").map_or_else(new_fault_key, Ok)?),
            set => set,
        };
        Ok(Deployment {
            api_key,
            site: variable("DD_SITE"),
            fault_key,
            memory: flags.memory,
            timeout: flags.timeout,
            reserved_concurrency: flags.reserved_concurrency,
        })
    }

    async fn outputs(&self, aws: &Aws) -> Result<(), Stop> {
        let found = aws::stack_outputs(aws, &self.stack).await?;
        if self.dry_run {
            return Ok(());
        }
        let widest = found.all.keys().map(String::len).max().unwrap_or_default();
        let all = found.all.iter();
        let mut page: String = all
            .map(|(name, value)| format!("{name:widest$}  {value}\n"))
            .collect();
        page.push_str(&format!("{:widest$}  {}\n", "Status", found.status));
        Ok(out::text(page)?)
    }

    async fn cold(&self, aws: &Aws, function: Option<&str>) -> Result<(), Stop> {
        let functions = match function {
            Some(function) => vec![function.to_owned()],
            None => {
                let outputs = aws::stack_outputs(aws, &self.stack).await?;
                aws::stack_functions(aws, &outputs).await?
            }
        };
        for function in &functions {
            aws::force_cold(aws, function).await?;
            if !self.dry_run {
                out::say(words::cooled(function));
            }
        }
        Ok(())
    }

    async fn break_it(
        &self,
        aws: &Aws,
        state: &StateFolder,
        function: Option<&str>,
    ) -> Result<(), Stop> {
        let function = match function {
            Some(function) => function.to_owned(),
            None => aws::stack_outputs(aws, &self.stack).await?.entry_function,
        };
        let done = break_function(aws, state, &function).await?;
        if !self.dry_run {
            let undo = aws.target().command("restore", &self.stack);
            let said = match done {
                Break::Done => words::broken(&function, undo),
                Break::Already => words::broken_already(&function, undo),
            };
            out::say(said);
        }
        Ok(())
    }

    async fn restore(
        &self,
        aws: &Aws,
        state: &StateFolder,
        function: Option<&str>,
    ) -> Result<(), Stop> {
        let remembered = state.broken();
        let here = remembered
            .iter()
            .filter(|broken| broken.is_at(aws.target()));
        let mut functions: Vec<String> = match function {
            Some(function) => vec![function.to_owned()],
            None => here.map(|broken| broken.function.clone()).collect(),
        };
        if functions.is_empty() {
            for elsewhere in &remembered {
                out::say(words::note(elsewhere.reminder()));
            }
            functions.push(aws::stack_outputs(aws, &self.stack).await?.entry_function);
        }
        for function in &functions {
            let done = restore_function(aws, state, function).await?;
            if !self.dry_run {
                let again = aws.target().command("break", &self.stack);
                let said = match done {
                    Restore::Done => words::restored(function, again),
                    Restore::Unneeded => words::restored_already(function, again),
                };
                out::say(said);
            }
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, state: &StateFolder, yes: bool) -> Result<(), Stop> {
        let (stack, region) = (&self.stack, aws.region());
        out::say(words::deletes(stack, region));
        self.confirm(yes, words::DELETE_IT)?;
        let functions = template_functions(aws, stack).await.unwrap_or_default();
        let there = delete(aws, stack).await?;
        if self.dry_run {
            return Ok(());
        }
        // Their saved originals have nowhere to go.
        for broken in state.broken() {
            if broken.is_at(aws.target()) && functions.contains(&broken.function) {
                state.forget(&broken.arn)?;
            }
        }
        out::say(match there {
            true => words::deleted(aws.target().command("deploy", &self.stack)),
            false => words::no_stack(stack, region),
        });
        Ok(())
    }

    /// The exit code; an interruption or failure says what it leaves behind.
    fn conclude(&self, aws: &Aws, ended: Result<(), Stop>) -> Result<Exit, Failure> {
        let completed = |text: &dyn Display| aws.target().completed(&text.to_string(), &self.stack);
        let left_behind = aws.left_behind().filter(|_| !aws.is_dry_run());
        match (ended, left_behind) {
            (Ok(()), _) => Ok(Exit::Met),
            (Err(Stop::Interrupted), left_behind) => {
                let left_behind = left_behind.unwrap_or_else(|| words::NOTHING_CHANGED.into());
                out::say(completed(&words::interrupted(left_behind)));
                Ok(Exit::Interrupted)
            }
            (Err(Stop::Failed(failure)), left_behind) => {
                let failure = failure.map(|message| completed(&message));
                Err(match left_behind {
                    None => failure,
                    Some(left_behind) => failure.with_note(completed(&left_behind)),
                })
            }
        }
    }

    fn confirm(&self, yes: bool, question: Text) -> Result<(), Stop> {
        if yes || self.dry_run {
            return Ok(());
        }
        match confirmed(&question.to_string())? {
            Some(true) => Ok(()),
            Some(false) => Err(Failure::new(words::NOT_CONFIRMED))?,
            None => Err(Failure::new(words::NO_TERMINAL))?,
        }
    }
}

/// Why an action ended early.
enum Stop {
    Interrupted,
    Failed(Failure),
}

impl<E: Error + 'static> From<E> for Stop {
    fn from(error: E) -> Stop {
        let any: &(dyn Error + 'static) = &error;
        match any.downcast_ref() {
            Some(aws::Error::Interrupted) => Stop::Interrupted,
            _ => Stop::Failed(error.into()),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

/// 32 hexadecimal digits from the system's generator.
fn new_fault_key() -> Result<String, Failure> {
    let half = || SysRng.try_next_u64();
    let failed =
        |error: <SysRng as TryRng>::Error| Failure::new(words::no_random(&error.to_string()));
    Ok(format!(
        "{:016x}{:016x}",
        half().map_err(failed)?,
        half().map_err(failed)?
    ))
}
