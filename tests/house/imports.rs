//! Which file imports which: every path followed through re-exports to the file that defines its end.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Definition, FileId, Import, Mention, MentionKind, ModuleId, Tree};

/// The first place at which one file or room names something of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub path: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "src/{}:{} names {}", self.file, self.line, self.path)
    }
}

/// Edges of a graph, each with a place that shows it.
pub type Graph = BTreeMap<(String, String), Place>;

/// What a path stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(ModuleId),
    Item(FileId),
}

/// A target, and the files whose imports the path goes through to reach it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Resolved {
    target: Target,
    through: BTreeSet<FileId>,
}

/// The imports between the files of a crate.
pub fn of_files(tree: &Tree) -> Graph {
    let mut graph = Graph::new();
    for mention in &tree.mentions {
        for file in imported_files(tree, mention) {
            let edge = (tree.files[mention.file].clone(), tree.files[file].clone());
            graph.entry(edge).or_insert_with(|| place(tree, mention));
        }
    }
    graph
}

/// The imports between the rooms of a crate.
pub fn of_rooms(tree: &Tree) -> Graph {
    let mut graph = Graph::new();
    for mention in &tree.mentions {
        for file in imported_files(tree, mention) {
            let (Some(from), Some(to)) = (tree.room(mention.file), tree.room(file)) else {
                continue;
            };
            if from != to {
                let edge = (from.to_owned(), to.to_owned());
                graph.entry(edge).or_insert_with(|| place(tree, mention));
            }
        }
    }
    graph
}

/// Imports that give a type of the crate another name.
pub fn aliases(tree: &Tree) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for mention in &tree.mentions {
        let MentionKind::Alias(alias) = &mention.kind else {
            continue;
        };
        let item = |resolved: &Resolved| matches!(resolved.target, Target::Item(_));
        let is_type = alias.starts_with(char::is_uppercase)
            && !alias.chars().all(|c| c.is_uppercase() || c == '_');
        if is_type
            && resolve(tree, mention.module, &mention.path)
                .iter()
                .any(item)
        {
            found.push((alias.clone(), place(tree, mention)));
        }
    }
    found
}

pub fn place(tree: &Tree, mention: &Mention) -> Place {
    Place {
        file: tree.files[mention.file].clone(),
        line: mention.line,
        path: mention.path.join("::"),
    }
}

/// The other files that a path needs. `pub use` of a module's own children is not counted.
fn imported_files(tree: &Tree, mention: &Mention) -> BTreeSet<FileId> {
    let mut files = BTreeSet::new();
    for resolved in resolve(tree, mention.module, &mention.path) {
        let Target::Item(file) = resolved.target else {
            continue;
        };
        let own = mention.kind == MentionKind::Export && within(tree, file, mention.module);
        if !own {
            files.insert(file);
        }
        files.extend(resolved.through);
    }
    files.remove(&mention.file);
    files
}

/// Whether a file belongs to a module or to one of its children.
fn within(tree: &Tree, file: FileId, module: ModuleId) -> bool {
    let outer = &tree.modules[module].path;
    tree.modules
        .iter()
        .any(|inner| inner.file == file && inner.path.starts_with(outer))
}

fn resolve(tree: &Tree, module: ModuleId, path: &[String]) -> Vec<Resolved> {
    let mut resolver = Resolver {
        tree,
        under_way: Vec::new(),
    };
    let mut found = resolver.path(module, path);
    found.sort();
    found.dedup();
    found
}

struct Resolver<'a> {
    tree: &'a Tree,
    /// The imports that are being followed, so that none is followed in a circle.
    under_way: Vec<(ModuleId, Import)>,
}

impl Resolver<'_> {
    fn path(&mut self, module: ModuleId, path: &[String]) -> Vec<Resolved> {
        let mut at = module;
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => at = 0,
                "self" => {}
                "super" => match self.tree.modules[at].parent {
                    Some(parent) => at = parent,
                    None => return Vec::new(),
                },
                _ => break,
            }
            rest = after;
        }
        let rooted = rest.len() < path.len();
        self.names(at, rest, rooted)
    }

    /// Follows `path` from within a module. A name that a macro makes is not seen: `known` says that
    /// the path leads into this crate, so that such a name belongs to the file it was looked for in.
    fn names(&mut self, module: ModuleId, path: &[String], known: bool) -> Vec<Resolved> {
        let Some((first, rest)) = path.split_first() else {
            return vec![reached(Target::Module(module))];
        };
        let found = self.name(module, first);
        if found.is_empty() && known {
            return vec![reached(Target::Item(self.tree.modules[module].file))];
        }
        if rest.is_empty() {
            return found;
        }
        let modules: Vec<&Resolved> = found
            .iter()
            .filter(|resolved| matches!(resolved.target, Target::Module(_)))
            .collect();
        if modules.is_empty() {
            return found;
        }
        let mut ends = Vec::new();
        for outer in modules {
            let Target::Module(inner) = outer.target else {
                continue;
            };
            for mut end in self.names(inner, rest, true) {
                end.through.extend(&outer.through);
                ends.push(end);
            }
        }
        ends
    }

    fn name(&mut self, module: ModuleId, name: &str) -> Vec<Resolved> {
        let tree = self.tree;
        let mut found = Vec::new();
        for definition in tree.modules[module].names.get(name).into_iter().flatten() {
            match definition {
                Definition::Module(inner) => found.push(reached(Target::Module(*inner))),
                Definition::Item => found.push(reached(Target::Item(tree.modules[module].file))),
                Definition::Import(import) => found.extend(self.import(module, import)),
            }
        }
        if found.is_empty() {
            for glob in &tree.modules[module].globs {
                for resolved in self.import(module, glob) {
                    if let Target::Module(inner) = resolved.target {
                        found.extend(self.name(inner, name));
                    }
                }
            }
        }
        found
    }

    fn import(&mut self, module: ModuleId, import: &Import) -> Vec<Resolved> {
        let step = (module, import.clone());
        if self.under_way.contains(&step) {
            return Vec::new();
        }
        self.under_way.push(step);
        let mut found = self.path(module, &import.path);
        self.under_way.pop();
        for resolved in &mut found {
            let file = match resolved.target {
                Target::Module(inner) => self.tree.modules[inner].file,
                Target::Item(file) => file,
            };
            if !(import.exported && within(self.tree, file, module)) {
                resolved.through.insert(self.tree.modules[module].file);
            }
        }
        found
    }
}

fn reached(target: Target) -> Resolved {
    Resolved {
        target,
        through: BTreeSet::new(),
    }
}
