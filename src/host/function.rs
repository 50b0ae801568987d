//! A function of the reader's own: its folder, and what runs it on this machine.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::FunctionFolder;
use crate::{
    lambda::{ApiRoute, Function, FunctionSettings},
    lang::{Reason, texts},
    units::Memory,
};

texts! {
    const;
    no_code_folder(folder: String, why: String): "the folder `{}` cannot be read: {}", "`{}` 폴더를 읽을 수 없습니다: {}";
    no_layer(folder: String, why: String): "the folder `{}` of a layer cannot be read: {}", "레이어의 `{}` 폴더를 읽을 수 없습니다: {}";
    no_module(folder: String, module: &str): "`{}` holds no {1}.py, {1}.js, {1}.mjs or {1}.cjs, and no program `bootstrap`: the handler is written FILE.FUNCTION, and FILE must be in the folder",
        "`{}`에 {1}.py, {1}.js, {1}.mjs, {1}.cjs가 없고 `bootstrap` 프로그램도 없습니다. 핸들러는 FILE.FUNCTION으로 쓰며 FILE은 이 폴더에 있어야 합니다";
    no_handler_typed(folder: String): "`{}` holds no program `bootstrap`, so a handler must be named: NAME=DIR:FILE.FUNCTION",
        "`{}`에 `bootstrap` 프로그램이 없으므로 핸들러를 지정해야 합니다: NAME=DIR:FILE.FUNCTION";
    no_runtime(program: &str, why: String): "`{0}` does not run on this machine ({1}): install it, or put it on the PATH", "이 컴퓨터에서 `{:`을} 실행할 수 없습니다({}). 설치하거나 PATH에 추가하세요";
}

/// A function of the reader's own, and what runs it.
#[derive(Clone, Debug)]
pub struct HostedFunction {
    /// Its name.
    pub name: String,
    /// The folder that holds its code, absolute.
    pub code: PathBuf,
    /// `index.handler`, or nothing where the bootstrap needs none.
    pub handler: String,
    /// Lambda's name of its runtime: `python3.13`, `nodejs22.x`, `provided.al2023`.
    pub runtime: String,
    /// The program that runs it: an interpreter, or its own bootstrap.
    pub program: PathBuf,
    /// The folders of its layers, absolute, the first first: what Lambda would unpack into `/opt`.
    pub layers: Vec<PathBuf>,
    /// Its own variables.
    pub environment: BTreeMap<String, String>,
    /// Memory, timeout and reserved concurrency, where they are not Lambda's defaults.
    pub settings: FunctionSettings,
    /// Which requests lead to it.
    pub routes: Vec<ApiRoute>,
    /// The functions that what it publishes leads to.
    pub invokes: Vec<String>,
    /// Its only file, name and text, which is written to a folder once the host starts.
    pub(super) inline: Option<(&'static str, String)>,
    pub(super) language: HandlerLanguage,
    /// Whether Datadog's own library is installed with it, and wraps its handler. Otherwise the sandbox
    /// emits what Datadog's extension would.
    pub(super) library: bool,
}

/// What a handler is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandlerLanguage {
    Python,
    Node,
    /// The folder's own `bootstrap` speaks the Runtime API.
    Own,
}

impl HostedFunction {
    /// Looks at what was typed: the folder, those of its layers, the handler's file, the interpreter, and
    /// whether Datadog's library is there. Runs the interpreter for that.
    ///
    /// # Errors
    /// A folder that cannot be read, no such file, no interpreter; each with the way out.
    pub fn look_up(typed: &FunctionFolder, layers: &[PathBuf]) -> Result<HostedFunction, Reason> {
        let layers = layers.iter().map(|layer| {
            let read = layer.read_dir().and_then(|_| layer.canonicalize());
            read.map_err(|error| {
                Reason::of(no_layer(layer.display().to_string(), error.to_string()))
            })
        });
        let layers: Vec<PathBuf> = layers.collect::<Result<_, Reason>>()?;
        let shown = typed.folder.display().to_string();
        let code = typed
            .folder
            .canonicalize()
            .and_then(|folder| folder.read_dir().map(|_| folder));
        let code =
            code.map_err(|error| Reason::of(no_code_folder(shown.clone(), error.to_string())))?;
        let bootstrap = code.join("bootstrap");
        let (language, program) = match &typed.handler {
            Some(handler) => {
                let module = handler
                    .rsplit_once('.')
                    .map_or(handler.as_str(), |(module, _)| module);
                let there = |ending: &str| code.join(format!("{module}.{ending}")).is_file();
                let package = module.replace('.', "/");
                if code.join(format!("{package}.py")).is_file()
                    || code.join(&package).join("__init__.py").is_file()
                {
                    (HandlerLanguage::Python, PathBuf::from("python3"))
                } else if ["js", "mjs", "cjs"].into_iter().any(there) {
                    (HandlerLanguage::Node, PathBuf::from("node"))
                } else if bootstrap.is_file() {
                    (HandlerLanguage::Own, bootstrap)
                } else {
                    return Err(Reason::of(no_module(shown, module)));
                }
            }
            None if bootstrap.is_file() => (HandlerLanguage::Own, bootstrap),
            None => return Err(Reason::of(no_handler_typed(shown))),
        };
        HostedFunction {
            code,
            layers,
            ..HostedFunction::new(typed, language, program)
        }
        .asked()
    }

    /// A function whose code is one text. Runs the interpreter of its runtime to ask for its version.
    ///
    /// # Errors
    /// No interpreter.
    pub fn inline(
        typed: &FunctionFolder,
        layers: &[PathBuf],
        runtime: &str,
        text: String,
    ) -> Result<HostedFunction, Reason> {
        let (language, program, file) = match runtime.starts_with("nodejs") {
            true => (HandlerLanguage::Node, "node", "index.js"),
            false => (HandlerLanguage::Python, "python3", "index.py"),
        };
        HostedFunction {
            inline: Some((file, text)),
            layers: layers.to_vec(),
            ..HostedFunction::new(typed, language, program.into())
        }
        .asked()
    }

    fn new(typed: &FunctionFolder, language: HandlerLanguage, program: PathBuf) -> HostedFunction {
        HostedFunction {
            name: typed.name.clone(),
            handler: typed.handler.clone().unwrap_or_default(),
            runtime: "provided.al2023".to_owned(),
            environment: BTreeMap::new(),
            settings: FunctionSettings::default(),
            routes: Vec::new(),
            invokes: Vec::new(),
            layers: Vec::new(),
            inline: None,
            library: false,
            program,
            language,
            code: PathBuf::new(),
        }
    }

    /// Asks the interpreter for its path, its version and Datadog's library.
    fn asked(self) -> Result<HostedFunction, Reason> {
        let question = match self.language {
            HandlerLanguage::Own => return Ok(self),
            HandlerLanguage::Python => PYTHON,
            HandlerLanguage::Node => NODE,
        };
        let program = self.program.display().to_string();
        let wrong = |why: String| Reason::of(no_runtime(&program, why));
        let mut command = Command::new(&self.program);
        command
            .args(question)
            .env("PYTHONPATH", self.of_layers("python", ""))
            .stdin(Stdio::null());
        if self.inline.is_none() {
            command.current_dir(&self.code);
        }
        let output = command.output().map_err(|error| wrong(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = said.lines();
        let (Some(path), Some(runtime), Some(library)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(wrong(output.status.to_string()));
        };
        Ok(HostedFunction {
            program: PathBuf::from(path),
            runtime: runtime.to_owned(),
            library: library == "library",
            ..self
        })
    }

    /// The programs of its external extensions, in the order of their names: in the folder `extensions`
    /// of a layer, or of the function.
    pub(super) fn extensions(&self) -> Vec<PathBuf> {
        let folders = self.layers.iter().chain([&self.code]);
        let entries = folders.flat_map(|folder| folder.join("extensions").read_dir());
        let files = entries.flatten().flatten().map(|entry| entry.path());
        let mut programs: Vec<PathBuf> = files.filter(|path| is_program(path)).collect();
        programs.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        programs.dedup_by(|a, b| a.file_name() == b.file_name());
        programs
    }

    /// `below` in each layer, with colons between them, and `own` before them.
    pub(super) fn of_layers(&self, below: &str, own: &str) -> String {
        let layers = self.layers.iter().map(|layer| layer.join(below));
        let layers: Vec<String> = layers.map(|path| path.display().to_string()).collect();
        let all = [own.to_owned()].into_iter().chain(layers);
        let all: Vec<String> = all.filter(|part| !part.is_empty()).collect();
        all.join(":")
    }

    /// Adds a layer's folder, where it is there.
    pub fn add_layer(&mut self, folder: &Path) {
        self.layers.extend(folder.canonicalize());
    }

    /// Whether boto3 can be imported. Runs the interpreter.
    pub fn has_boto3(&self) -> bool {
        let question =
            "import importlib.util, sys; sys.exit(importlib.util.find_spec('boto3') is None)";
        let mut command = Command::new(&self.program);
        command
            .args(["-c", question])
            .env("PYTHONPATH", self.of_layers("python", ""))
            .stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// The function as the model knows it.
    pub fn modelled(&self) -> Function {
        let route = self.routes.iter().min_by_key(|route| route.unlike_a_get());
        let service = self.environment.get("DD_SERVICE").unwrap_or(&self.name);
        let function = Function {
            route: route.map(ApiRoute::address),
            service: service.clone(),
            invokes: self.invokes.clone(),
            hosted: true,
            // Lambda's default.
            memory: Memory::MIN,
            ..Function::without_work(&self.name, &self.runtime)
        };
        function.with(&self.settings)
    }

    /// The program and its arguments; `bootstraps`: the folder of those that are built in.
    pub(super) fn command(&self, bootstraps: &Path) -> (PathBuf, Vec<String>) {
        let built_in = |name: &str| bootstraps.join(name).to_string_lossy().into_owned();
        let arguments = match self.language {
            HandlerLanguage::Python => vec!["-u".to_owned(), built_in(PYTHON_BOOTSTRAP.0)],
            HandlerLanguage::Node => vec![built_in(NODE_BOOTSTRAP.0)],
            HandlerLanguage::Own => Vec::new(),
        };
        (self.program.clone(), arguments)
    }
}

fn is_program(path: &Path) -> bool {
    let found = path.metadata();
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The bootstraps that are built in: file name and text.
pub(super) const PYTHON_BOOTSTRAP: (&str, &str) = ("bootstrap.py", include_str!("bootstrap.py"));
pub(super) const NODE_BOOTSTRAP: (&str, &str) = ("bootstrap.mjs", include_str!("bootstrap.mjs"));

/// Path, Lambda's name of the runtime, and the library, a line each.
const PYTHON: [&str; 2] = [
    "-c",
    "import importlib.util, os, sys\n\
     sys.path.insert(0, os.getcwd())\n\
     print(sys.executable)\n\
     print('python%d.%d' % sys.version_info[:2])\n\
     print('library' if importlib.util.find_spec('datadog_lambda') else 'none')",
];
const NODE: [&str; 2] = [
    "-e",
    "let library = 'none';\n\
     try { require.resolve('datadog-lambda-js', { paths: [process.cwd()] }); library = 'library' } catch {}\n\
     console.log([process.execPath, `nodejs${process.versions.node.split('.')[0]}.x`, library].join('\\n'))",
];
