//! `--function-dir` and `--app`: functions of the reader's own that run on this machine.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Failure, out};
use crate::{
    host::{FunctionFolder, HostedApp, HostedFunction},
    lambda::ApiRoute,
    lang::texts,
    template::{self, TemplateApp},
};

texts! {
    const;
    twice_typed(name: &str): "--function-dir names `{}` twice: give each function a name of its own", "--function-dir에 `{:`이} 두 번 있습니다. 함수마다 다른 이름을 쓰세요";
    unknown_program(why: String): "the path of loadgen itself is unknown, and it is needed to supervise your functions: {}", "함수를 감독할 loadgen 자신의 경로를 알 수 없습니다: {}";
    no_template(file: String, why: String): "the template `{}` of --app cannot be read: {}", "--app의 `{}` 템플릿을 읽을 수 없습니다: {}";
    no_template_in(folder: String): "`{}` holds no template.yaml, template.yml or template.json: name the file of your template",
        "`{}`에 template.yaml, template.yml, template.json이 없습니다. 템플릿 파일을 지정하세요";
    too_long(file: String): "`{}` is larger than a template of CloudFormation may be (1 MB)", "`{:`은} CloudFormation 템플릿의 최대 크기(1MB)보다 큽니다";
    LEFT_OUT: "left out", "제외";
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
    /// Run the functions of your SAM or CloudFormation template on this machine: the file, or the
    /// folder that holds template.yaml. What is left out is listed with its line
    #[arg(
        long,
        id = "hosted_app",
        value_name = "FILE|DIR",
        conflicts_with = "function_dirs"
    )]
    app: Option<PathBuf>,
}

/// The names under which a folder holds its template.
const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// The largest template that CloudFormation takes (CloudFormation quotas).
const LARGEST: u64 = 1024 * 1024;

impl FunctionDirs {
    /// The functions; None where none was typed.
    ///
    /// # Errors
    /// A folder or handler that is not there, an interpreter that is missing, two of one name, a
    /// template that is none.
    pub fn app(&self) -> Result<Option<HostedApp>, Failure> {
        let functions = match &self.app {
            Some(typed) => of_template(typed)?,
            None if self.folders.is_empty() => return Ok(None),
            None => self.of_folders()?,
        };
        let program =
            env::current_exe().map_err(|error| Failure::new(unknown_program(error.to_string())))?;
        Ok(Some(HostedApp { program, functions }))
    }

    fn of_folders(&self) -> Result<Vec<HostedFunction>, Failure> {
        let mut functions: Vec<HostedFunction> = Vec::new();
        for typed in &self.folders {
            if functions.iter().any(|other| other.name == typed.name) {
                return Err(Failure::new(twice_typed(&typed.name)));
            }
            let prefix = match functions.is_empty() {
                true => String::new(),
                false => format!("/{}", typed.name),
            };
            let mut function =
                HostedFunction::look_up(typed, &self.layers).map_err(Failure::new)?;
            function.routes = ApiRoute::everything(&prefix).into();
            functions.push(function);
        }
        Ok(functions)
    }
}

/// The functions of a template, once what it leaves out has been listed.
fn of_template(typed: &Path) -> Result<Vec<HostedFunction>, Failure> {
    let file = match typed.is_dir() {
        false => typed.to_owned(),
        true => {
            let mut files = TEMPLATES.iter().map(|name| typed.join(name));
            let none = || Failure::new(no_template_in(typed.display().to_string()));
            files.find(|file| file.is_file()).ok_or_else(none)?
        }
    };
    let shown = file.display().to_string();
    let unread =
        |error: std::io::Error| Failure::new(no_template(shown.clone(), error.to_string()));
    if fs::metadata(&file).map_err(unread)?.len() > LARGEST {
        return Err(Failure::new(too_long(shown)));
    }
    let text = fs::read_to_string(&file).map_err(unread)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let TemplateApp {
        functions,
        left_out,
    } = template::read(&text, folder, &BTreeMap::new())
        .map_err(|error| Failure::new(error.said(&shown)))?;
    for left_out in &left_out {
        out::say(format!("{LEFT_OUT}: {}", left_out.said(&shown)));
    }
    Ok(functions)
}
