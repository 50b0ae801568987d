//! What the test of the house sees, on small crates.

use std::collections::BTreeMap;

use crate::{
    aliases, beyond_borders,
    circles::{circles, pairs},
    imports::{of_files, of_rooms},
    in_a_circle, prints, shared_names,
    tree::Tree,
};

fn tree(files: &[(&str, &str)]) -> Tree {
    let sources: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    Tree::read(&sources)
}

/// The files that `a/one.rs` imports when `text` stands in it. It has a twin, `a/two.rs`, and a room
/// beside its own, whose `deep/inner.rs` is exported by each of the modules above.
fn imported_by(text: &str) -> Vec<String> {
    let tree = tree(&[
        ("lib.rs", "pub mod a; pub mod b;"),
        ("a/mod.rs", "mod one; mod two; pub struct Parent;"),
        ("a/one.rs", text),
        ("a/two.rs", "pub struct Two; pub fn two() {}"),
        (
            "b/mod.rs",
            "pub mod deep; pub use deep::{Inner, made}; pub fn here() {}",
        ),
        ("b/deep/mod.rs", "mod inner; pub use inner::*;"),
        (
            "b/deep/inner.rs",
            "pub struct Inner; pub enum Kind { A, B } pub fn made() {} pub mod with {}",
        ),
    ]);
    of_files(&tree)
        .into_keys()
        .filter(|(from, _)| from == "a/one.rs")
        .map(|(_, to)| to)
        .collect()
}

#[test]
fn an_import_is_followed_to_the_file_that_defines_what_it_names() {
    for text in [
        "use crate::b::Inner;",
        "use crate::b::{deep::{self, Inner}};",
        "use crate::b::Inner as Other;",
        "use crate::b; fn f() -> b::Inner { todo!() }",
        "use crate::b as other; type X = other::deep::Inner;",
        "use super::super::b::deep::Inner;",
        "use crate::b::deep::*; fn f(x: Inner) {}",
        "use crate::b::deep::Kind::*;",
        "use crate::b::deep::Kind::{A, B};",
        "fn f() { crate::b::made(); }",
        "fn f() { use crate::b::deep; deep::made(); }",
        "fn f() { super::super::b::made() }",
        "impl crate::b::Inner {}",
        "fn f() { g::<Vec<crate::b::Inner>>() }",
        "fn f() { println!(\"{}\", crate::b::made()); }",
        "fn f() { vec![if x { [crate::b::deep::made()] }]; }",
        "macro_rules! m { () => { $crate::b::made() } }",
        "struct S { #[serde(with = \"crate::b::deep::with::x\")] x: u8 }",
        "#[arg(value_parser = crate::b::made)] struct S;",
        "mod inside { fn f() { super::super::super::b::made() } }",
        "mod inside { use crate::b::made; }",
    ] {
        assert_eq!(imported_by(text), ["b/deep/inner.rs"], "{text}");
    }
    assert_eq!(imported_by("use super::two::Two;"), ["a/two.rs"]);
    assert_eq!(imported_by("use super::{Parent, two};"), ["a/mod.rs"]);
    assert_eq!(
        imported_by("use super::*; fn f(_: Parent) {}"),
        ["a/mod.rs"]
    );
    assert_eq!(imported_by("fn f() { crate::b::here() }"), ["b/mod.rs"]);
    assert_eq!(
        imported_by("fn f() { crate::b::made_by_a_macro() }"),
        ["b/mod.rs"]
    );
}

#[test]
fn what_is_not_ours_or_only_for_tests_is_no_import() {
    for text in [
        "use std::fmt; use serde::Serialize; fn f() -> fmt::Result { ::b::x() }",
        "#[cfg(test)] mod tests { use crate::b::Inner; }",
        "#[cfg(test)] use crate::b::Inner;",
        "struct S; impl S { #[cfg(test)] fn f() -> crate::b::Inner { todo!() } }",
        "//! See [`crate::b::Inner`].",
        "fn f(two: u8) -> u8 { two + self.b.two }",
        "fn f() { let text = \"crate::b\"; }",
        "use crate::b;",
    ] {
        assert_eq!(imported_by(text), [""; 0], "{text}");
    }
}

#[test]
fn a_circle_between_rooms_is_seen_through_a_re_export_and_told_with_file_and_line() {
    let tree = tree(&[
        ("lib.rs", "pub mod a; pub mod b; pub mod c; pub mod d;"),
        ("a.rs", "\nuse crate::b::Judge;"),
        ("b/mod.rs", "mod judge; pub use judge::Judge;"),
        (
            "b/judge.rs",
            "pub struct Judge;\n\nfn f() { crate::c::sent() }",
        ),
        (
            "c.rs",
            "use crate::a; pub fn sent() { a::kept() } use crate::d;",
        ),
        ("d.rs", "use crate::b::Judge;"),
    ]);
    let found = in_a_circle(circles(&of_rooms(&tree)));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a → b → c → a"]);
    assert_eq!(
        found["a → b → c → a"],
        "    src/a.rs:2 names crate::b::Judge\n    \
         src/b/judge.rs:3 names crate::c::sent\n    \
         src/c.rs:1 names a::kept"
    );
    assert!(pairs(&of_files(&tree)).is_empty());
}

#[test]
fn a_room_that_hands_on_another_rooms_type_is_imported_as_well() {
    let tree = tree(&[
        ("lib.rs", "pub mod a; pub mod b; pub mod c;"),
        ("a.rs", "use crate::b::Fault;"),
        ("b.rs", "pub use crate::c::Fault;"),
        ("c.rs", "pub struct Fault; fn f() { crate::a::made() }"),
    ]);
    let found = in_a_circle(circles(&of_rooms(&tree)));
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["a → b → c → a", "a → c → a"]
    );
}

#[test]
fn two_files_that_import_each_other_are_seen() {
    let tree = tree(&[
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod one; mod two; mod three; pub use one::One;"),
        ("a/one.rs", "use super::two::two; pub struct One;"),
        ("a/two.rs", "use super::One; pub fn two() {}"),
        ("a/three.rs", "use super::One;"),
    ]);
    let found = in_a_circle(pairs(&of_files(&tree)));
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [(
            "a/one.rs → a/two.rs → a/one.rs".to_owned(),
            "    src/a/one.rs:1 names super::two::two\n    src/a/two.rs:1 names super::One"
                .to_owned()
        )]
    );
}

#[test]
fn a_parent_may_export_its_children_but_not_call_one_that_imports_it() {
    let files = |parent| {
        [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", parent),
            ("a/one.rs", "use super::Parent; pub struct One;"),
        ]
    };
    let exports = tree(&files(
        "mod one; pub(crate) use one::One; pub struct Parent;",
    ));
    assert!(pairs(&of_files(&exports)).is_empty());
    let calls = tree(&files(
        "mod one; pub use one::One; pub struct Parent; fn f() -> One { todo!() }",
    ));
    assert_eq!(pairs(&of_files(&calls)).len(), 1);
}

#[test]
fn borders_hold_within_the_order() {
    let tree = tree(&[
        (
            "lib.rs",
            "pub mod engine; pub mod insight; pub mod lambda; pub mod units;",
        ),
        ("engine.rs", "use crate::insight::Id;"),
        ("insight.rs", "pub struct Id;"),
        (
            "lambda.rs",
            "fn f() { crate::units::x(crate::insight::Id) }",
        ),
        ("units.rs", "pub fn x() {}"),
    ]);
    let found = beyond_borders(&of_rooms(&tree));
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["engine → insight", "lambda → insight"]
    );
}

#[test]
fn prints_are_seen_wherever_they_stand() {
    let print = "pub fn f() { if true { anstream::println!(\"x\"); } }";
    let tree = tree(&[
        ("lib.rs", "pub mod cli; pub mod run;"),
        ("cli.rs", print),
        ("run.rs", print),
    ]);
    assert_eq!(
        prints(&tree).keys().collect::<Vec<_>>(),
        ["cli.rs", "run.rs"]
    );
}

#[test]
fn a_name_that_stands_for_two_types_is_seen_wherever_they_stand() {
    let tree = tree(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod tests;"),
        (
            "a.rs",
            "pub struct Found; struct Once; fn f() { enum Kind { A } } type Mine<T> = Vec<T>;
             #[cfg(unix)] struct Alarm; #[cfg(not(unix))] mod other { pub struct Alarm; }",
        ),
        (
            "b.rs",
            "mod inside { trait Found {} } enum Kind { B } struct Mine;
             impl Iterator for Mine { type Item = u8; } #[cfg(test)] mod tests { struct Once; }",
        ),
    ]);
    assert_eq!(
        shared_names(&tree).into_iter().collect::<Vec<_>>(),
        [
            ("Found", "    src/a.rs:1\n    src/b.rs:1"),
            ("Kind", "    src/a.rs:1\n    src/b.rs:1"),
            ("Mine", "    src/a.rs:1\n    src/b.rs:1"),
        ]
        .map(|(name, places)| (name.to_owned(), places.to_owned()))
    );
}

#[test]
fn another_name_for_a_type_of_ours_is_seen() {
    let tree = tree(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub struct Target; pub trait Spoken {} pub fn f() {}",
        ),
        (
            "b.rs",
            "use crate::a::Target as RunTarget; use crate::a::{f as g, Spoken as _};
             use serde_json::Value as Json;",
        ),
    ]);
    assert_eq!(
        aliases(&tree).into_iter().collect::<Vec<_>>(),
        [(
            "b.rs RunTarget".to_owned(),
            "    src/b.rs:1 names crate::a::Target".to_owned()
        )]
    );
}
