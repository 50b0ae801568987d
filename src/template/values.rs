//! What a template's values are: parameters, conditions, and its own resources by name, ARN or address.

use std::{cell::RefCell, collections::BTreeMap};

use super::{error::TemplateIssue, node::Node, words};
use crate::sandbox::names::{ACCOUNT, REGION, function_arn, queue_arn, queue_url, topic_arn};

/// A template, and what stands for its values.
pub(super) struct TemplateValues<'a> {
    root: &'a Node,
    /// What parameters are given, in place of their defaults.
    given: &'a BTreeMap<String, String>,
    /// What is being worked out.
    open: RefCell<Vec<String>>,
}

impl<'a> TemplateValues<'a> {
    pub(super) fn new(root: &'a Node, given: &'a BTreeMap<String, String>) -> TemplateValues<'a> {
        TemplateValues {
            root,
            given,
            open: RefCell::default(),
        }
    }

    /// The resources whose condition holds: logical id, type, node.
    pub(super) fn resources(&self) -> Result<Vec<(&'a str, &'a str, &'a Node)>, TemplateIssue> {
        let resources = self.root.get("Resources");
        let resources = resources.map(Node::fields).unwrap_or_default();
        if resources.is_empty() {
            return Err(TemplateIssue::at(self.root.line, words::NO_RESOURCES));
        }
        let mut all = Vec::new();
        for (id, node) in resources {
            let kind = node.get("Type").and_then(Node::scalar);
            let kind = kind.ok_or_else(|| TemplateIssue::at(node.line, words::no_type(id)))?;
            let stands = match node.get("Condition") {
                Some(condition) => self.named_condition(condition)?,
                None => true,
            };
            if stands {
                all.push((id.as_str(), kind, node));
            }
        }
        Ok(all)
    }

    /// The node that a chain of `Fn::If` ends at; None: `AWS::NoValue`.
    pub(super) fn chosen(&self, node: &'a Node) -> Result<Option<&'a Node>, TemplateIssue> {
        match node.call() {
            Some(("Ref", of)) if of.scalar() == Some("AWS::NoValue") => Ok(None),
            Some(("Fn::If", of)) => {
                let [condition, met, unmet] = of.items() else {
                    return Err(TemplateIssue::at(node.line, words::arguments("Fn::If")));
                };
                match self.named_condition(condition)? {
                    true => self.chosen(met),
                    false => self.chosen(unmet),
                }
            }
            _ => Ok(Some(node)),
        }
    }

    /// The text of a value; None: it has none.
    pub(super) fn text(&self, node: &'a Node) -> Result<Option<String>, TemplateIssue> {
        let Some(node) = self.chosen(node)? else {
            return Ok(None);
        };
        if let Some(text) = node.scalar() {
            let why = words::unknown_value(text);
            return match text.contains("{{resolve:") {
                true => Err(TemplateIssue::left_out(node.line, why)),
                false => Ok(Some(text.to_owned())),
            };
        }
        let Some((name, of)) = node.call() else {
            return Err(TemplateIssue::at(node.line, words::NO_TEXT));
        };
        let wrong = || TemplateIssue::at(node.line, words::arguments(name));
        let text = match name {
            "Ref" => self.reference(of.scalar().ok_or_else(wrong)?, node.line)?,
            "Fn::GetAtt" => {
                let names: Vec<&str> = match of.scalar() {
                    Some(text) => vec![text],
                    None => of.items().iter().filter_map(Node::scalar).collect(),
                };
                self.attribute(&names.join("."), node.line)?
            }
            "Fn::Sub" => match (of.scalar(), of.items()) {
                (Some(text), _) => self.substituted(text, None, node.line)?,
                (None, [text, own]) => {
                    let text = text.scalar().ok_or_else(wrong)?;
                    self.substituted(text, Some(own), node.line)?
                }
                _ => return Err(wrong()),
            },
            "Fn::Join" => match of.items() {
                [between, parts] => {
                    let mut texts = Vec::new();
                    for part in parts.items() {
                        texts.extend(self.text(part)?);
                    }
                    texts.join(between.scalar().ok_or_else(wrong)?)
                }
                _ => return Err(wrong()),
            },
            other => {
                let why = words::not_worked_out(other);
                return Err(TemplateIssue::left_out(node.line, why));
            }
        };
        Ok(Some(text))
    }

    /// What `Ref` gives.
    fn reference(&self, name: &str, line: usize) -> Result<String, TemplateIssue> {
        let pseudo = match name {
            "AWS::Region" => Some(REGION),
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::StackName" => Some("loadgen"),
            "AWS::StackId" => Some("arn:aws:cloudformation:loadgen"),
            _ => None,
        };
        if let Some(text) = pseudo {
            return Ok(text.to_owned());
        }
        if let Some(parameter) = self.root.get("Parameters").and_then(|all| all.get(name)) {
            let from_elsewhere = |kind: &&str| kind.starts_with("AWS::SSM::");
            let kind = parameter.get("Type").and_then(Node::scalar);
            let default = parameter.get("Default").and_then(Node::scalar);
            let default = default.filter(|_| kind.filter(from_elsewhere).is_none());
            let value = self.given.get(name).map(String::as_str).or(default);
            let why = || TemplateIssue::left_out(line, words::no_default(name));
            return value.map(str::to_owned).ok_or_else(why);
        }
        let (kind, _) = self.resource(name, line)?;
        Ok(match kind {
            "AWS::SNS::Topic" => topic_arn(&self.name_of(name, line)?),
            "AWS::SQS::Queue" => queue_url(&self.name_of(name, line)?),
            _ => self.name_of(name, line)?,
        })
    }

    /// What `Fn::GetAtt` gives of `Id.Attribute`.
    fn attribute(&self, path: &str, line: usize) -> Result<String, TemplateIssue> {
        let (id, attribute) = path.split_once('.').unwrap_or((path, ""));
        let (kind, _) = self.resource(id, line)?;
        let kind = kind.rsplit("::").next().unwrap_or(kind);
        let name = || self.name_of(id, line);
        match (kind, attribute) {
            ("Function", "Arn") => Ok(function_arn(&name()?)),
            ("Queue", "Arn") => Ok(queue_arn(&name()?)),
            ("Queue", "QueueName") | ("Topic", "TopicName") => name(),
            ("Queue", "QueueUrl") => Ok(queue_url(&name()?)),
            ("Topic", "TopicArn") => Ok(topic_arn(&name()?)),
            _ => Err(TemplateIssue::left_out(line, words::unknown_value(path))),
        }
    }

    /// A text with `${...}` filled in.
    fn substituted(
        &self,
        text: &str,
        own: Option<&'a Node>,
        line: usize,
    ) -> Result<String, TemplateIssue> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(TemplateIssue::at(line, words::arguments("Fn::Sub")));
            };
            rest = after;
            match (name.strip_prefix('!'), own.and_then(|own| own.get(name))) {
                (Some(literal), _) => filled.push_str(&format!("${{{literal}}}")),
                (None, Some(node)) => filled.extend(self.text(node)?),
                (None, None) if name.contains('.') => {
                    filled.push_str(&self.attribute(name, line)?);
                }
                (None, None) => filled.push_str(&self.reference(name, line)?),
            }
        }
        Ok(filled + rest)
    }

    /// A resource's type and node.
    pub(super) fn resource(
        &self,
        id: &str,
        line: usize,
    ) -> Result<(&'a str, &'a Node), TemplateIssue> {
        let resource = self.root.get("Resources").and_then(|all| all.get(id));
        let found = resource.and_then(|node| Some((node.get("Type")?.scalar()?, node)));
        found.ok_or_else(|| TemplateIssue::at(line, words::no_such_resource(id)))
    }

    /// A resource's own name: as its properties say, else its logical id.
    pub(super) fn name_of(&self, id: &str, line: usize) -> Result<String, TemplateIssue> {
        let (kind, node) = self.resource(id, line)?;
        let property = match kind.rsplit("::").next() {
            Some("Function") => "FunctionName",
            Some("Queue") => "QueueName",
            Some("Topic") => "TopicName",
            _ => return Ok(id.to_owned()),
        };
        let named = node.get("Properties").and_then(|all| all.get(property));
        let Some(named) = named else {
            return Ok(id.to_owned());
        };
        let name = self.once(&format!("{id}.{property}"), named.line, || self.text(named))?;
        Ok(name.unwrap_or_else(|| id.to_owned()))
    }

    /// Works something out, unless it is being worked out already: a circle.
    fn once<T>(
        &self,
        what: &str,
        line: usize,
        work: impl FnOnce() -> Result<T, TemplateIssue>,
    ) -> Result<T, TemplateIssue> {
        if self.open.borrow().iter().any(|open| open == what) {
            let circle = self.open.borrow().join(" -> ");
            return Err(TemplateIssue::at(line, words::circle(&circle, what)));
        }
        self.open.borrow_mut().push(what.to_owned());
        let done = work();
        self.open.borrow_mut().pop();
        done
    }

    fn named_condition(&self, name: &'a Node) -> Result<bool, TemplateIssue> {
        let text = name.scalar().unwrap_or_default();
        let all = self.root.get("Conditions");
        let node = all
            .and_then(|all| all.get(text))
            .ok_or_else(|| TemplateIssue::at(name.line, words::no_such_condition(text)))?;
        self.once(text, name.line, || self.holds(node))
    }

    fn holds(&self, node: &'a Node) -> Result<bool, TemplateIssue> {
        let [(name, of)] = node.fields() else {
            return Err(TemplateIssue::at(node.line, words::NO_CONDITION));
        };
        match (name.as_str(), of.items()) {
            ("Condition", _) => self.named_condition(of),
            ("Fn::Equals", [one, other]) => Ok(self.text(one)? == self.text(other)?),
            ("Fn::Not", [one]) => Ok(!self.holds(one)?),
            ("Fn::And", all) => all
                .iter()
                .try_fold(true, |met, one| Ok(met & self.holds(one)?)),
            ("Fn::Or", all) => all
                .iter()
                .try_fold(false, |met, one| Ok(met | self.holds(one)?)),
            _ => Err(TemplateIssue::at(node.line, words::NO_CONDITION)),
        }
    }

    /// The logical ids that a value speaks of, anywhere in it.
    pub(super) fn mentioned(node: &Node) -> Vec<String> {
        let mut found = Vec::new();
        if let Some((name, of)) = node.call() {
            let text = of.scalar().or(of.items().first().and_then(Node::scalar));
            let text = text.unwrap_or_default();
            let head = |text: &str| text.split(['.', '}']).next().unwrap_or(text).to_owned();
            match name {
                "Ref" | "Fn::GetAtt" => found.push(head(text)),
                "Fn::Sub" => found.extend(text.split("${").skip(1).map(head)),
                _ => {}
            }
        }
        let inner = node.fields().iter().map(|(_, inner)| inner);
        for inner in inner.chain(node.items()) {
            found.extend(TemplateValues::mentioned(inner));
        }
        found
    }
}
