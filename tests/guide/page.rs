//! A page of the guide as it is written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A page's source, with what it includes.
pub struct Page {
    /// `install.md`, or `README.md`.
    pub name: String,
    /// The whole Markdown.
    pub text: String,
    /// As [`text`](Page::text), before anything was included.
    pub written: String,
}

/// A block of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The words of its info string: `["sh", "cloud"]`.
    pub info: Vec<String>,
    /// What stands in it.
    pub text: String,
    /// Its line on the page.
    pub line: usize,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub level: HeadingLevel,
    pub id: Option<String>,
    pub title: String,
}

impl Block {
    /// Whether the info string has `word`.
    pub fn is(&self, word: &str) -> bool {
        self.info.iter().any(|info| info == word)
    }

    /// Whether it is of this language: the first word of the info string.
    pub fn language(&self, language: &str) -> bool {
        self.info.first().is_some_and(|first| first == language)
    }

    /// What follows `prefix` in a word of the info string: `1` of `exit-1`.
    pub fn mark(&self, prefix: &str) -> Option<&str> {
        self.info.iter().find_map(|info| info.strip_prefix(prefix))
    }
}

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The chapters of a language's `SUMMARY.md`, in its order.
pub fn chapters(lang: &str) -> Vec<Page> {
    let summary = source(lang, "SUMMARY.md");
    let summary = fs::read_to_string(summary).expect("a summary");
    Parser::new(&summary)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        })
        .map(|name| Page::read(&source(lang, &name)))
        .collect()
}

/// Every page whose commands are proved: the READMEs and the chapters of both languages.
pub fn all() -> Vec<Page> {
    let readmes = ["README.md", "README.ko.md"].map(|name| root().join(name));
    readmes
        .iter()
        .filter(|path| path.is_file())
        .map(|path| Page::read(path))
        .chain(chapters("en"))
        .chain(chapters("ko"))
        .collect()
}

fn source(lang: &str, name: &str) -> PathBuf {
    root().join("book").join(lang).join("src").join(name)
}

impl Page {
    /// Reads the page at `path`.
    pub fn read(path: &Path) -> Page {
        let written =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Page {
            name: path
                .strip_prefix(root())
                .expect("a page of ours")
                .display()
                .to_string(),
            text: included(&written, path.parent().expect("a folder")),
            written,
        }
    }

    /// The file's name alone: `install.md`.
    pub fn file(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Its blocks of code, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (event, range) in self.parser().into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    open = true;
                    blocks.push(Block {
                        info: info
                            .split([' ', ','])
                            .filter(|word| !word.is_empty())
                            .map(str::to_owned)
                            .collect(),
                        text: String::new(),
                        line: self.text[..range.start].matches('\n').count() + 1,
                    });
                }
                Event::Text(text) if open => {
                    let block = blocks.last_mut().expect("an open block");
                    block.text.push_str(&text);
                }
                Event::End(TagEnd::CodeBlock) => open = false,
                _ => {}
            }
        }
        blocks
    }

    /// Its headings, in order.
    pub fn headings(&self) -> Vec<Heading> {
        let mut headings: Vec<Heading> = Vec::new();
        let mut open = false;
        for event in self.parser() {
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    open = true;
                    headings.push(Heading {
                        level,
                        id: id.map(|id| id.to_string()),
                        title: String::new(),
                    });
                }
                Event::Text(text) | Event::Code(text) if open => {
                    let heading = headings.last_mut().expect("an open heading");
                    heading.title.push_str(&text);
                }
                Event::End(TagEnd::Heading(_)) => open = false,
                _ => {}
            }
        }
        headings
    }

    /// The Markdown as events, read as mdBook reads it.
    pub fn parser(&self) -> Parser<'_> {
        Parser::new_ext(
            &self.text,
            Options::ENABLE_TABLES
                | Options::ENABLE_FOOTNOTES
                | Options::ENABLE_STRIKETHROUGH
                | Options::ENABLE_TASKLISTS
                | Options::ENABLE_HEADING_ATTRIBUTES
                | Options::ENABLE_GFM,
        )
    }
}

/// Puts whole files in the place of `{{#include FILE}}`, as mdBook does.
fn included(text: &str, folder: &Path) -> String {
    let Some((before, rest)) = text.split_once("{{#include ") else {
        return text.to_owned();
    };
    let (name, after) = rest.split_once("}}").expect("a closed include");
    let path = folder.join(name.trim());
    let inner = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} is included: {error}", path.display()));
    let inner = included(inner.trim_end(), path.parent().expect("a folder"));
    format!("{before}{inner}{}", included(after, folder))
}
