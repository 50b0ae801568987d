//! The crate as it is written: its modules, the names that stand in each, and every path in the code.
//!
//! Code that is compiled only for tests may import anything and is passed over.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemMod, UseTree, Visibility,
    visit::{self, Visit},
};

/// Index of a file in [`Tree::files`].
pub type FileId = usize;
/// Index of a module in [`Tree::modules`].
pub type ModuleId = usize;

/// All files under `src/` that are part of the library.
#[derive(Default)]
pub struct Tree {
    /// Their paths below `src/`.
    pub files: Vec<String>,
    pub modules: Vec<Module>,
    pub mentions: Vec<Mention>,
    pub types: Vec<TypeDefinition>,
    pub prints: Vec<Mention>,
}

pub struct Module {
    pub path: Vec<String>,
    pub file: FileId,
    pub parent: Option<ModuleId>,
    pub names: BTreeMap<String, Vec<Definition>>,
    pub globs: Vec<Import>,
}

/// What a name in a module stands for.
#[derive(Clone)]
pub enum Definition {
    Module(ModuleId),
    Item,
    Import(Import),
}

#[derive(Clone, PartialEq, Eq)]
pub struct Import {
    pub path: Vec<String>,
    /// `pub use`, in any of its widths.
    pub exported: bool,
}

/// A path in the code.
pub struct Mention {
    pub module: ModuleId,
    pub file: FileId,
    pub line: usize,
    pub path: Vec<String>,
    pub kind: MentionKind,
}

#[derive(Clone, PartialEq, Eq)]
pub enum MentionKind {
    Code,
    Use,
    /// `pub use`, in any of its widths.
    Export,
    /// `use path as name`.
    Alias(String),
}

pub struct TypeDefinition {
    pub name: String,
    pub file: FileId,
    pub line: usize,
    /// It, or a module around it, is there only for some targets or features.
    pub conditional: bool,
}

impl Tree {
    /// Reads the crate whose root is `lib.rs` from `sources`, which maps paths to texts.
    pub fn read(sources: &BTreeMap<String, String>) -> Tree {
        let mut reader = Reader {
            sources,
            tree: Tree::default(),
            module: 0,
            conditional: false,
        };
        reader.file("lib.rs", Vec::new(), None);
        reader.tree
    }

    /// The room of a file: its folder under `src/`, or its own name; the crate's root has none.
    pub fn room(&self, file: FileId) -> Option<&str> {
        let path = &self.files[file];
        let first = path.split('/').next().unwrap_or(path);
        let room = first.trim_end_matches(".rs");
        (room != "lib").then_some(room)
    }
}

struct Reader<'a> {
    sources: &'a BTreeMap<String, String>,
    tree: Tree,
    module: ModuleId,
    conditional: bool,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, module: Vec<String>, parent: Option<ModuleId>) -> ModuleId {
        let text = &self.sources[path];
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        self.tree.files.push(path.to_owned());
        let id = self.enter(module, self.tree.files.len() - 1, parent, &parsed.items);
        for attribute in &parsed.attrs {
            self.visit_attribute(attribute);
        }
        id
    }

    /// Adds a module and reads its items.
    fn enter(
        &mut self,
        path: Vec<String>,
        file: FileId,
        parent: Option<ModuleId>,
        items: &[Item],
    ) -> ModuleId {
        self.tree.modules.push(Module {
            path,
            file,
            parent,
            names: BTreeMap::new(),
            globs: Vec::new(),
        });
        let id = self.tree.modules.len() - 1;
        let outer = std::mem::replace(&mut self.module, id);
        for item in items {
            self.visit_item(item);
        }
        self.module = outer;
        id
    }

    fn module(&mut self, item: &ItemMod) {
        let mut path = self.tree.modules[self.module].path.clone();
        path.push(item.ident.to_string());
        let parent = Some(self.module);
        let id = match &item.content {
            Some((_, items)) => {
                self.enter(path, self.tree.modules[self.module].file, parent, items)
            }
            None => {
                let stem = path.join("/");
                let file = [format!("{stem}.rs"), format!("{stem}/mod.rs")]
                    .into_iter()
                    .find(|file| self.sources.contains_key(file))
                    .unwrap_or_else(|| panic!("no file for the module {stem}"));
                self.file(&file, path, parent)
            }
        };
        self.define(&item.ident, Definition::Module(id));
    }

    fn define(&mut self, name: &syn::Ident, definition: Definition) {
        let names = &mut self.tree.modules[self.module].names;
        names.entry(name.to_string()).or_default().push(definition);
    }

    fn defined_type(&mut self, name: &syn::Ident) {
        self.tree.types.push(TypeDefinition {
            name: name.to_string(),
            file: self.tree.modules[self.module].file,
            line: name.span().start().line,
            conditional: self.conditional,
        });
    }

    fn mention(&mut self, path: Vec<String>, line: usize, kind: MentionKind) {
        let mention = Mention {
            module: self.module,
            file: self.tree.modules[self.module].file,
            line,
            path,
            kind,
        };
        self.tree.mentions.push(mention);
    }

    fn import(&mut self, tree: &UseTree, mut path: Vec<String>, exported: bool) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.import(&inner.tree, path, exported);
            }
            UseTree::Group(group) => {
                for inner in &group.items {
                    self.import(inner, path.clone(), exported);
                }
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = path.last().cloned() {
                    let ident = syn::Ident::new(&last, name.ident.span());
                    self.imported(path, &ident, &ident, exported);
                }
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.imported(path, &name.ident, &name.ident, exported);
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    path.push(rename.ident.to_string());
                }
                self.imported(path, &rename.ident, &rename.rename, exported);
            }
            UseTree::Glob(glob) => {
                let kind = if exported {
                    MentionKind::Export
                } else {
                    MentionKind::Use
                };
                self.mention(path.clone(), glob.star_token.spans[0].start().line, kind);
                let globs = &mut self.tree.modules[self.module].globs;
                globs.push(Import { path, exported });
            }
        }
    }

    fn imported(
        &mut self,
        path: Vec<String>,
        name: &syn::Ident,
        here: &syn::Ident,
        exported: bool,
    ) {
        let line = name.span().start().line;
        let kind = match exported {
            true => MentionKind::Export,
            false => MentionKind::Use,
        };
        self.mention(path.clone(), line, kind);
        if name != here && here != "_" {
            self.mention(path.clone(), line, MentionKind::Alias(here.to_string()));
        }
        self.define(here, Definition::Import(Import { path, exported }));
    }

    /// Every path in the tokens of a macro or an attribute.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident)
                    if at == 0 || !is(at - 1, '.') || at > 1 && is(at - 2, '.') =>
                {
                    let mut path = vec![ident.to_string()];
                    while is(at + 1, ':') && is(at + 2, ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else {
                            break;
                        };
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.mention(path, ident.span().start().line, MentionKind::Code);
                }
                TokenTree::Literal(literal) => self.literal(literal),
                _ => {}
            }
            at += 1;
        }
    }

    /// Attributes such as serde's `with` hold paths in strings.
    fn literal(&mut self, literal: &proc_macro2::Literal) {
        let line = literal.span().start().line;
        let text = literal.to_string();
        let path: Vec<String> = text
            .trim_matches('"')
            .split("::")
            .map(str::to_owned)
            .collect();
        let named = |part: &String| syn::parse_str::<syn::Ident>(part).is_ok();
        let rooted = |part: &String| matches!(part.as_str(), "crate" | "self" | "super");
        if path.len() > 1 && path.iter().all(|part| named(part) || rooted(part)) {
            self.mention(path, line, MentionKind::Code);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = attributes(item);
        if attributes.iter().any(for_tests) {
            return;
        }
        let outer = self.conditional;
        self.conditional |= attributes.iter().any(|a| a.path().is_ident("cfg"));
        match item {
            Item::Struct(item) => self.defined_type(&item.ident),
            Item::Enum(item) => self.defined_type(&item.ident),
            Item::Union(item) => self.defined_type(&item.ident),
            Item::Trait(item) => self.defined_type(&item.ident),
            Item::Type(item) => self.defined_type(&item.ident),
            _ => {}
        }
        if let Some(name) = name(item) {
            self.define(name, Definition::Item);
        }
        match item {
            Item::Mod(item) => self.module(item),
            Item::Use(item) if item.leading_colon.is_none() => {
                let exported = !matches!(item.vis, Visibility::Inherited);
                self.import(&item.tree, Vec::new(), exported);
            }
            Item::Use(_) => {}
            item => visit::visit_item(self, item),
        }
        self.conditional = outer;
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !attributes.iter().any(for_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && !path.segments.is_empty() {
            let line = path.segments[0].ident.span().start().line;
            let names = path.segments.iter().map(|part| part.ident.to_string());
            self.mention(names.collect(), line, MentionKind::Code);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        let name = &call.path.segments.last().expect("a macro's name").ident;
        if ["print", "println", "eprint", "eprintln", "dbg"]
            .iter()
            .any(|print| name == print)
        {
            self.tree.prints.push(Mention {
                module: self.module,
                file: self.tree.modules[self.module].file,
                line: name.span().start().line,
                path: vec![format!("{name}!")],
                kind: MentionKind::Code,
            });
        }
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            syn::Meta::List(list) => self.tokens(list.tokens.clone()),
            syn::Meta::NameValue(pair) if !pair.path.is_ident("doc") => {
                visit::visit_expr(self, &pair.value);
            }
            _ => {}
        }
    }
}

fn name(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, alone or as one of several conditions.
fn for_tests(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else {
        return false;
    };
    let tokens = list.tokens.to_string().replace(' ', "");
    list.path.is_ident("cfg") && (tokens == "test" || tokens.starts_with("all(test"))
}
