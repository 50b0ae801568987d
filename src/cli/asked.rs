//! The scenario that a command is to run, with what flags changed of it.

use std::fs;

use super::Failure;
use crate::{
    record::ScenarioInfo,
    scenario::{Scenario, builtin},
};

/// A scenario and where it came from.
#[derive(Debug)]
pub struct Asked {
    /// What should happen.
    pub scenario: Scenario,
    toml: Option<String>,
    changes: Vec<String>,
}

impl Asked {
    /// A built-in scenario.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn builtin(name: &str) -> Result<Asked, Failure> {
        Ok(Asked {
            scenario: Scenario::load(name).map_err(Failure::new)?,
            toml: builtin(name).map(|builtin| builtin.text.to_owned()),
            changes: Vec::new(),
        })
    }

    /// A file, or a built-in name.
    ///
    /// # Errors
    /// When it cannot be read, or has mistakes.
    pub fn named(name: &str) -> Result<Asked, Failure> {
        let scenario = Scenario::load(name).map_err(Failure::new)?;
        let toml = match builtin(name) {
            Some(builtin) => Some(builtin.text.to_owned()),
            None => fs::read_to_string(name).ok(),
        };
        Ok(Asked {
            scenario,
            toml,
            changes: Vec::new(),
        })
    }

    /// Notes what a flag changed.
    pub fn change(&mut self, name: &str, value: impl std::fmt::Display) {
        self.changes.push(format!("{name} = {value}"));
    }

    /// What a run's record says of it.
    pub fn info(&self) -> ScenarioInfo {
        ScenarioInfo {
            name: self.scenario.name.clone(),
            title: self.scenario.title.clone(),
            seed: self.scenario.seed,
            toml: self.toml.clone(),
            changes: self.changes.clone(),
        }
    }
}
