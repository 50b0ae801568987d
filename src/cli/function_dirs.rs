//! `--function-dir`: functions of the reader's own that run on this machine.

use std::{env, path::PathBuf};

use clap::Args;

use super::Failure;
use crate::{
    host::{FunctionFolder, HostedApp, HostedFunction},
    lang::texts,
};

texts! {
    const;
    twice_typed(name: &str): "--function-dir names `{}` twice: give each function a name of its own", "--function-dir에 `{:`이} 두 번 있습니다. 함수마다 다른 이름을 쓰세요";
    unknown_program(why: String): "the path of loadgen itself is unknown, and it is needed to supervise your functions: {}", "함수를 감독할 loadgen 자신의 경로를 알 수 없습니다: {}";
}

/// Flags that name functions to run here.
#[derive(Clone, Debug, Default, Args)]
pub struct FunctionDirs {
    /// Run your own function on this machine, as a real process for each environment: its name, the
    /// folder of its code and its handler, for example hello=./hello:index.handler. Python and Node
    /// need nothing installed but themselves; a folder with a program `bootstrap` needs no handler.
    /// Again for others: the first answers at the address, each other one below it at /NAME
    #[arg(
        long = "function-dir",
        id = "function_dirs",
        value_name = "NAME=DIR:HANDLER"
    )]
    folders: Vec<FunctionFolder>,
    /// The folder of a layer of your functions, with what Lambda would unpack into /opt: extensions/,
    /// python/, nodejs/node_modules/, bin/, lib/. Again for others
    #[arg(
        long = "layer",
        id = "layers",
        value_name = "DIR",
        requires = "function_dirs"
    )]
    layers: Vec<PathBuf>,
}

impl FunctionDirs {
    /// The functions; None where none was typed.
    ///
    /// # Errors
    /// A folder or handler that is not there, an interpreter that is missing, two of one name.
    pub fn app(&self) -> Result<Option<HostedApp>, Failure> {
        if self.folders.is_empty() {
            return Ok(None);
        }
        let mut functions: Vec<HostedFunction> = Vec::new();
        for typed in &self.folders {
            if functions.iter().any(|other| other.name == typed.name) {
                return Err(Failure::new(twice_typed(&typed.name)));
            }
            functions.push(HostedFunction::look_up(typed, &self.layers).map_err(Failure::new)?);
        }
        let program =
            env::current_exe().map_err(|error| Failure::new(unknown_program(error.to_string())))?;
        Ok(Some(HostedApp { program, functions }))
    }
}
