//! `loadgen scenarios`: the built-in scenarios, one of them, or the JSON Schema of all.

use std::io::{self, Write};

use clap::Args;

use super::{Exit, Failure};
use crate::{
    insight::{Id, Provoked},
    lang::Lang,
    scenario::{BUILTINS, Scenario, builtin, json_schema, nearest},
};

/// List the built-in scenarios, or print one to start from.
#[derive(Debug, Args)]
pub struct Scenarios {
    /// Print this one as its file is written
    name: Option<String>,
    /// Print the JSON Schema of scenario files, for editors
    #[arg(long, conflicts_with = "name")]
    schema: bool,
}

/// Prints what was asked for on stdout.
pub fn run(asked: &Scenarios) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match &asked.name {
        _ if asked.schema => writeln!(out, "{:#}", json_schema())?,
        Some(name) => write!(out, "{}", text_of(name)?)?,
        None => list(&mut out)?,
    }
    out.flush()?;
    Ok(Exit::Met)
}

fn text_of(name: &str) -> Result<&'static str, Failure> {
    let found = builtin(name).map(|builtin| builtin.text);
    found.ok_or_else(|| {
        let name: String = name.chars().take(60).collect();
        let hint = match nearest(&name, BUILTINS.iter().map(|builtin| builtin.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`loadgen scenarios` lists them".to_owned(),
        };
        Failure::new(format!("there is no built-in scenario {name:?}; {hint}"))
    })
}

fn list(out: &mut impl Write) -> Result<(), Failure> {
    let widest = BUILTINS.iter().map(|builtin| builtin.name.len()).max();
    let widest = widest.unwrap_or_default();
    for builtin in BUILTINS {
        let scenario = Scenario::load(builtin.name)?;
        writeln!(out, "{:widest$}  {}", builtin.name, scenario.title)?;
    }
    let after = "\nloadgen run NAME runs one; loadgen scenarios NAME prints it, to change and run.";
    writeln!(out, "{after}")?;
    for id in Id::ALL {
        if let Provoked::Never(why) = id.insight().provoked_by {
            let why = format!("No scenario brings {id}: {}.", why.to(Lang::En));
            writeln!(out, "{}", textwrap::fill(&why, 80))?;
        }
    }
    Ok(())
}
