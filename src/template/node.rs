//! YAML, and JSON as a part of it, as a tree that knows its lines.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::{error::TemplateIssue, words};

/// How many nodes a template may have, those that aliases repeat included: a hundred times
/// CloudFormation's largest.
const MOST: usize = 200_000;
/// How deep they may lie in each other.
const DEEPEST: usize = 100;

/// A node and the line that it begins on, from 1.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) content: NodeContent,
    /// How many nodes it is, itself included.
    size: usize,
    height: usize,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum NodeContent {
    Null,
    Scalar(String),
    List(Vec<Node>),
    /// In its order; each key is there once.
    Map(Vec<(String, Node)>),
}

impl Node {
    fn new(line: usize, content: NodeContent) -> Result<Node, TemplateIssue> {
        let (mut size, mut height) = (1, 0);
        let mut add = |node: &Node| {
            size += node.size;
            height = node.height.max(height);
        };
        match &content {
            NodeContent::List(items) => items.iter().for_each(&mut add),
            NodeContent::Map(fields) => fields.iter().for_each(|(_, node)| add(node)),
            NodeContent::Null | NodeContent::Scalar(_) => {}
        }
        if size > MOST || height >= DEEPEST {
            return Err(TemplateIssue::at(line, words::too_large(MOST, DEEPEST)));
        }
        Ok(Node {
            line,
            content,
            size,
            height: height + 1,
        })
    }

    /// The fields of a map; none where it is none.
    pub(super) fn fields(&self) -> &[(String, Node)] {
        match &self.content {
            NodeContent::Map(fields) => fields,
            _ => &[],
        }
    }

    /// The items of a list; none where it is none.
    pub(super) fn items(&self) -> &[Node] {
        match &self.content {
            NodeContent::List(items) => items,
            _ => &[],
        }
    }

    /// A field of a map.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let mut fields = self.fields().iter();
        fields.find_map(|(field, node)| (field == name).then_some(node))
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.content {
            NodeContent::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The intrinsic function that it calls, and with what.
    pub(super) fn call(&self) -> Option<(&str, &Node)> {
        match self.fields() {
            [(name, of)] if name == "Ref" || name.starts_with("Fn::") => Some((name, of)),
            _ => None,
        }
    }
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Node, TemplateIssue> {
    let mut reader = NodeReader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        read: 0,
    };
    let mut document = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            _ if document.is_some() => {
                return Err(TemplateIssue::at(span.start.line(), words::SECOND_DOCUMENT));
            }
            event => document = Some(reader.node(event, &span)?),
        }
    }
    document.ok_or_else(|| TemplateIssue::at(1, words::NO_RESOURCES))
}

struct NodeReader<'input> {
    events: Parser<'input, StrInput<'input>>,
    anchors: HashMap<usize, Node>,
    /// How many nodes were read, those that aliases repeat included.
    read: usize,
}

impl<'input> NodeReader<'input> {
    fn next(&mut self) -> Result<(Event<'input>, Span), TemplateIssue> {
        let wrong = |error: ScanError| {
            let line = error.marker().line().max(1);
            TemplateIssue::at(line, words::no_yaml(error.info()))
        };
        match self.events.next() {
            Some(event) => event.map_err(wrong),
            None => Err(TemplateIssue::at(1, words::NO_RESOURCES)),
        }
    }

    fn node(&mut self, event: Event<'input>, span: &Span) -> Result<Node, TemplateIssue> {
        let line = span.start.line();
        let (content, anchor, tag) = match event {
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| TemplateIssue::at(line, words::CIRCULAR_ALIAS))?;
                self.read += node.size;
                if self.read > MOST {
                    return Err(TemplateIssue::at(line, words::too_large(MOST, DEEPEST)));
                }
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let content = match is_null {
                    true => NodeContent::Null,
                    false => NodeContent::Scalar(text.into_owned()),
                };
                (content, anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, &span)?),
                    }
                }
                (NodeContent::List(items), anchor, tag)
            }
            Event::MappingStart(_, anchor, tag) => (NodeContent::Map(self.map()?), anchor, tag),
            _ => return Err(TemplateIssue::at(line, words::NO_RESOURCES)),
        };
        self.read += 1;
        let mut node = Node::new(line, content)?;
        if let Some(name) = tag.map(|tag| long_form(&tag, line)).transpose()?.flatten() {
            node = Node::new(line, NodeContent::Map(vec![(name, node)]))?;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn map(&mut self) -> Result<Vec<(String, Node)>, TemplateIssue> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        loop {
            let (name, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(fields),
                (Event::Scalar(name, ..), span) => (name.into_owned(), span.start.line()),
                (_, span) => {
                    return Err(TemplateIssue::at(span.start.line(), words::KEY_NO_TEXT));
                }
            };
            if name == "<<" {
                return Err(TemplateIssue::at(line, words::MERGE_KEY));
            }
            if name.starts_with("Fn::") && !is_intrinsic(&name) {
                return Err(TemplateIssue::at(line, words::unknown_intrinsic(&name)));
            }
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(TemplateIssue::at(line, words::twice_there(&name)));
            }
            let (event, span) = self.next()?;
            let node = self.node(event, &span)?;
            fields.push((name, node));
        }
    }
}

/// CloudFormation's functions besides `Ref` and `Condition` (CloudFormation template reference,
/// "Intrinsic function reference" and "Rule-specific intrinsic functions").
const INTRINSICS: [&str; 25] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

fn is_intrinsic(name: &str) -> bool {
    let name = name.trim_start_matches("Fn::");
    INTRINSICS.contains(&name) || name.starts_with("ForEach")
}

/// The function of a short form, `!Sub`; None: the tag says only which kind of YAML follows.
fn long_form(tag: &Tag, line: usize) -> Result<Option<String>, TemplateIssue> {
    if tag.core_suffix().is_some() {
        return Ok(None);
    }
    match tag.suffix() {
        name @ ("Ref" | "Condition") => Ok(Some(name.to_owned())),
        name if tag.handle() == "!" && is_intrinsic(name) => Ok(Some(format!("Fn::{name}"))),
        name => Err(TemplateIssue::at(
            line,
            words::unknown_intrinsic(&format!("!{name}")),
        )),
    }
}
