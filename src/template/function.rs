//! One function of a template.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    error::TemplateIssue,
    node::Node,
    values::TemplateValues,
    words::{self, FROM_S3, IMAGE},
};
use crate::{
    host::{FunctionFolder, HostedFunction},
    lambda::FunctionSettings,
    lang::{Phrase, Reason},
    units::{Memory, is_function_name, is_timeout},
};

/// Properties that are read here or in `api.rs`.
const READ: [&str; 13] = [
    "Code",
    "CodeUri",
    "Environment",
    "Events",
    "FunctionName",
    "FunctionUrlConfig",
    "Handler",
    "InlineCode",
    "Layers",
    "MemorySize",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Timeout",
];
/// Properties without which a function here behaves alike.
const WITHOUT_EFFECT: [&str; 14] = [
    "Architectures",
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "CodeSigningConfigArn",
    "Description",
    "KmsKeyArn",
    "LoggingConfig",
    "PackageType",
    "PermissionsBoundary",
    "Policies",
    "Role",
    "Tags",
    "Tracing",
    "TracingConfig",
];

/// A function and the logical id of its resource.
pub(super) struct TemplateFunction {
    pub(super) id: String,
    pub(super) hosted: HostedFunction,
}

/// Where a function's code is.
enum FunctionCode {
    Folder(PathBuf),
    Inline(String),
}

/// Reads one function.
pub(super) struct FunctionReader<'a, 'b> {
    pub(super) values: &'b TemplateValues<'a>,
    /// `Globals.Function`.
    pub(super) globals: Option<&'a Node>,
    pub(super) node: &'a Node,
    /// What paths start from.
    pub(super) folder: &'b Path,
    pub(super) left_out: &'b mut Vec<TemplateIssue>,
}

impl<'a> FunctionReader<'a, '_> {
    /// The function; None: it is left out, and listed.
    pub(super) fn read(mut self, id: &str) -> Result<Option<HostedFunction>, TemplateIssue> {
        let line = self.node.line;
        let name = self.values.name_of(id, line)?;
        if !is_function_name(&name) {
            return Err(TemplateIssue::at(line, words::no_function_name(&name)));
        }
        let properties = self.node.get("Properties");
        for (property, node) in properties.map(Node::fields).unwrap_or_default() {
            let property = property.as_str();
            if !READ.contains(&property) && !WITHOUT_EFFECT.contains(&property) {
                let why = words::no_property(property);
                self.left_out.push(TemplateIssue::left_out(node.line, why));
            }
        }
        if self.text("PackageType")?.as_deref() == Some("Image") {
            return Ok(self.not_run(&name, IMAGE.into()));
        }
        let runtime = self.needed(&name, "Runtime")?;
        let known = ["python", "nodejs", "provided"];
        if !known.iter().any(|known| runtime.starts_with(known)) {
            return Ok(self.not_run(&name, words::runtime(&runtime)));
        }
        let Some(code) = self.code(&name)? else {
            return Ok(self.not_run(&name, FROM_S3.into()));
        };
        let environment = self.environment()?;
        // Datadog's library wraps the handler that it is told of.
        let handler = match environment.get("DD_LAMBDA_HANDLER") {
            Some(handler) => handler.clone(),
            None => self.needed(&name, "Handler")?,
        };
        let typed = FunctionFolder {
            name: name.clone(),
            handler: (!runtime.starts_with("provided")).then_some(handler),
            folder: match &code {
                FunctionCode::Folder(folder) => folder.clone(),
                FunctionCode::Inline(_) => PathBuf::new(),
            },
        };
        let layers = self.layers()?;
        let hosted = match code {
            FunctionCode::Folder(_) => HostedFunction::look_up(&typed, &layers),
            FunctionCode::Inline(text) => HostedFunction::inline(&typed, &layers, &runtime, text),
        };
        let wrong = |why: Reason| TemplateIssue::at(line, words::bad_function(&name, why));
        let mut hosted = hosted.map_err(wrong)?;
        hosted.environment = environment;
        hosted.settings = self.settings()?;
        Ok(Some(hosted))
    }

    fn not_run(&mut self, name: &str, why: Phrase) -> Option<HostedFunction> {
        let why = words::function_left_out(name, Reason::of(why));
        self.left_out.push(TemplateIssue {
            is_of_function: true,
            ..TemplateIssue::left_out(self.node.line, why)
        });
        None
    }

    /// A property of the function, or else of all.
    fn property(&self, name: &str) -> Result<Option<&'a Node>, TemplateIssue> {
        let own = self.node.get("Properties").and_then(|all| all.get(name));
        let node = own.or_else(|| self.globals?.get(name));
        Ok(node
            .map(|node| self.values.chosen(node))
            .transpose()?
            .flatten())
    }

    fn text(&self, name: &str) -> Result<Option<String>, TemplateIssue> {
        let node = self.property(name)?;
        Ok(node
            .map(|node| self.values.text(node))
            .transpose()?
            .flatten())
    }

    fn needed(&self, function: &str, name: &str) -> Result<String, TemplateIssue> {
        let why = || TemplateIssue::at(self.node.line, words::no_property_there(function, name));
        self.text(name)?.ok_or_else(why)
    }

    /// Where the code is; None: in S3.
    fn code(&self, name: &str) -> Result<Option<FunctionCode>, TemplateIssue> {
        let found = self.property("InlineCode")?;
        let found = found.map_or_else(|| self.property("CodeUri"), |node| Ok(Some(node)))?;
        let found = found.map_or_else(|| self.property("Code"), |node| Ok(Some(node)))?;
        let Some(node) = found else {
            let why = words::no_property_there(name, "CodeUri");
            return Err(TemplateIssue::at(self.node.line, why));
        };
        if let Some(text) = node
            .get("ZipFile")
            .map_or(Ok(None), |file| self.values.text(file))?
        {
            return Ok(Some(FunctionCode::Inline(text)));
        }
        if node.call().is_none() && node.scalar().is_none() {
            return Ok(None);
        }
        let text = self.values.text(node)?.unwrap_or_default();
        if self.property("InlineCode")?.is_some() {
            return Ok(Some(FunctionCode::Inline(text)));
        }
        let is_local = !text.starts_with("s3://");
        Ok(is_local.then(|| FunctionCode::Folder(self.folder.join(text))))
    }

    /// The variables of all functions, and its own. What is known only on AWS is left out.
    fn environment(&mut self) -> Result<BTreeMap<String, String>, TemplateIssue> {
        let own = self.node.get("Properties");
        let mut variables = BTreeMap::new();
        for all in [self.globals, own].into_iter().flatten() {
            let node = all
                .get("Environment")
                .and_then(|node| node.get("Variables"));
            for (name, node) in node.map(Node::fields).unwrap_or_default() {
                match self.values.text(node) {
                    Ok(Some(value)) => drop(variables.insert(name.clone(), value)),
                    Ok(None) => {}
                    Err(error) if error.spares_the_rest => self.left_out.push(error),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(variables)
    }

    /// The folders of its layers.
    fn layers(&mut self) -> Result<Vec<PathBuf>, TemplateIssue> {
        let own = self.node.get("Properties");
        let mut folders = Vec::new();
        for all in [self.globals, own].into_iter().flatten() {
            for layer in all.get("Layers").map(Node::items).unwrap_or_default() {
                let Some(layer) = self.values.chosen(layer)? else {
                    continue;
                };
                let mentioned = TemplateValues::mentioned(layer);
                let resource = mentioned
                    .first()
                    .map(|id| self.values.resource(id, layer.line));
                let content = resource.and_then(Result::ok).and_then(|(kind, node)| {
                    let properties = node.get("Properties")?;
                    let content = properties.get("ContentUri").or(properties.get("Content"))?;
                    content
                        .scalar()
                        .filter(|_| kind.ends_with("::LayerVersion"))
                });
                if let Some(content) = content.filter(|content| !content.starts_with("s3://")) {
                    let folder = self.folder.join(content);
                    let wrong = |error: io::Error| {
                        let why = words::no_layer_folder(content, error.to_string());
                        TemplateIssue::at(layer.line, why)
                    };
                    folders.push(folder.canonicalize().map_err(wrong)?);
                    continue;
                }
                let shown = self.values.text(layer).ok().flatten();
                let shown = shown.unwrap_or_else(|| mentioned.join(", "));
                // What Datadog's layers would do, the host does.
                if !shown.contains(":layer:Datadog-") {
                    let why = words::layer_left_out(&shown);
                    self.left_out.push(TemplateIssue::left_out(layer.line, why));
                }
            }
        }
        Ok(folders)
    }

    fn settings(&self) -> Result<FunctionSettings, TemplateIssue> {
        let number = |property: &str, range: &str, most: u32| {
            let Some(text) = self.text(property)? else {
                return Ok(None);
            };
            let number = text.parse::<u32>().ok().filter(|number| *number <= most);
            let line = self
                .property(property)?
                .map_or(self.node.line, |node| node.line);
            let wrong = || TemplateIssue::at(line, words::no_number(property, &text, range));
            Ok::<_, TemplateIssue>(Some((number.ok_or_else(wrong)?, line)))
        };
        let memory = number("MemorySize", "128 to 10240", 10_240)?;
        let timeout = number("Timeout", "1 to 900", 900)?;
        let reserved = number("ReservedConcurrentExecutions", "0 to 1000000", 1_000_000)?;
        let memory = memory.map(|(mb, line)| {
            let wrong = |_| words::no_number("MemorySize", &mb.to_string(), "128 to 10240");
            Memory::from_mb(mb).map_err(|error| TemplateIssue::at(line, wrong(error)))
        });
        let timeout = timeout.map(|(seconds, line)| {
            let timeout = Duration::from_secs(seconds.into());
            let wrong = || words::no_number("Timeout", &seconds.to_string(), "1 to 900");
            match is_timeout(timeout) {
                true => Ok(timeout),
                false => Err(TemplateIssue::at(line, wrong())),
            }
        });
        Ok(FunctionSettings {
            memory: memory.transpose()?,
            timeout: timeout.transpose()?,
            reserved_concurrency: reserved.map(|(number, _)| number),
            ..FunctionSettings::default()
        })
    }
}
