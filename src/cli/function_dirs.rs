//! `--function-dir` and `--app`: functions of the reader's own that run on this machine.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Failure, out};
use crate::{
    control::SANDBOX_FAULT_KEY,
    files,
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
    no_boto3(folder: &str): "the sample app needs boto3, and `python3` has none: run `python3 -m pip install --target {}/python boto3` here, which installs it into a folder of its own",
        "샘플 앱에 필요한 boto3가 `python3`에 없습니다. 여기서 `python3 -m pip install --target {}/python boto3`을 실행하면 별도 폴더에 설치됩니다";
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
    /// folder that holds template.yaml; or `sample`, the sample app. What is left out is listed with its
    /// line
    #[arg(
        long,
        id = "hosted_app",
        value_name = "FILE|DIR|sample",
        conflicts_with = "function_dirs"
    )]
    app: Option<PathBuf>,
}

/// What is typed for the sample app.
const SAMPLE: &str = "sample";

/// The folder beside the reader that may hold boto3, laid out as a layer is.
const BOTO3_FOLDER: &str = "loadgen-boto3";

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
        let is_sample = self.app.as_deref() == Some(Path::new(SAMPLE));
        let app = match &self.app {
            Some(_) if is_sample => {
                of_text(SAMPLE, template::SAMPLE, Path::new(""), &sample_values())?
            }
            Some(typed) => of_template(typed)?,
            None if self.folders.is_empty() => return Ok(None),
            None => TemplateApp {
                functions: self.of_folders()?,
                ..TemplateApp::default()
            },
        };
        let program =
            env::current_exe().map_err(|error| Failure::new(unknown_program(error.to_string())))?;
        let mut functions = app.functions;
        for function in functions
            .iter_mut()
            .filter(|one| one.runtime.starts_with("python"))
        {
            // It stands for what Lambda's own runtime holds.
            function.add_layer(Path::new(BOTO3_FOLDER));
            if is_sample && !function.has_boto3() {
                return Err(Failure::new(no_boto3(BOTO3_FOLDER)));
            }
        }
        Ok(Some(HostedApp {
            program,
            functions,
            queues: app.queues,
            topics: app.topics,
            knows_faults: is_sample,
        }))
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

/// What the sample app's parameters are here.
fn sample_values() -> BTreeMap<String, String> {
    let values = [
        ("DdApiKey", "none"),
        ("LoadgenFaultKey", SANDBOX_FAULT_KEY),
        // Half of the default: Datadog's libraries and its extension are not in it.
        ("MemorySize", "256"),
    ];
    let owned = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into()
}

/// What a template holds, once what it leaves out has been listed.
fn of_template(typed: &Path) -> Result<TemplateApp, Failure> {
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
    let text = files::read_text(&file, LARGEST).map_err(unread)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    of_text(&shown, &text, folder, &BTreeMap::new())
}

fn of_text(
    shown: &str,
    text: &str,
    folder: &Path,
    given: &BTreeMap<String, String>,
) -> Result<TemplateApp, Failure> {
    let app =
        template::read(text, folder, given).map_err(|error| Failure::new(error.said(shown)))?;
    for left_out in &app.left_out {
        out::say(format!("{LEFT_OUT}: {}", left_out.said(shown)));
    }
    Ok(app)
}
