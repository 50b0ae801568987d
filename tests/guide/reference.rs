//! `commands.md` says what the program's own `--help` says.

use std::{env, fs};

use clap::{Arg, Command};
use loadgen::lang::{Lang, Text};

use super::page;

/// What follows this line is made by the test.
pub const MADE: &str = "<!-- From here on made of the program's own help: UPDATE=1 cargo test --test guide reference -->\n";

#[test]
fn the_reference_has_every_command_and_flag_as_the_program_has_them() {
    for lang in [Lang::En, Lang::Ko] {
        let made = reference(lang);
        let path = page::root()
            .join("book")
            .join(lang.to_string())
            .join("src/commands.md");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (written, old) = text
            .split_once(MADE)
            .unwrap_or_else(|| panic!("{} lacks the line\n{MADE}", path.display()));
        if old == made {
            continue;
        }
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, format!("{written}{MADE}{made}")).expect("written");
        } else {
            panic!(
                "{} is not what the program says; UPDATE=1 cargo test --test guide reference writes it anew",
                path.display()
            );
        }
    }
}

/// The words around the program's own.
mod words {
    use super::Text;

    pub const GLOBAL: Text = Text {
        en: "Options of every command",
        ko: "모든 명령의 옵션",
    };
    pub const HEAD: Text = Text {
        en: "| option | meaning |",
        ko: "| 옵션 | 의미 |",
    };
    pub const ONE_OF: Text = Text {
        en: "One of",
        ko: "선택지:",
    };
    pub const DEFAULT: Text = Text {
        en: "Default:",
        ko: "기본값:",
    };
    pub const VARIABLE: Text = Text {
        en: "Environment:",
        ko: "환경 변수:",
    };
}

fn reference(lang: Lang) -> String {
    let mut command = loadgen::cli::command();
    command.build();
    let mut out = format!("\n## {} {{#global}}\n\n", words::GLOBAL.to(lang));
    let globals: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| arg.is_global_set())
        .collect();
    table(&mut out, &globals, lang);
    for subcommand in command.get_subcommands() {
        describe(&mut out, subcommand, "loadgen", lang);
    }
    out
}

fn describe(out: &mut String, command: &Command, above: &str, lang: Lang) {
    let name = command.get_name();
    if name == "help" || command.is_hide_set() {
        return;
    }
    let words = format!("{above} {name}");
    let anchor = words.trim_start_matches("loadgen ").replace(' ', "-");
    let marks = "#".repeat(words.split(' ').count());
    out.push_str(&format!("\n{marks} {words} {{#{anchor}}}\n\n"));
    let about = command.get_long_about().or(command.get_about());
    if let Some(about) = about {
        out.push_str(&sentence(&about.to_string()));
        out.push('\n');
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    out.push_str(&format!("\n```text,drawing\n{usage}\n```\n"));
    let mine = command.get_arguments().filter(|arg| {
        !arg.is_global_set()
            && !arg.is_hide_set()
            && !["help", "version"].contains(&arg.get_id().as_str())
    });
    let mine: Vec<&Arg> = mine.collect();
    if !mine.is_empty() {
        out.push('\n');
        table(out, &mine, lang);
    }
    for subcommand in command.get_subcommands() {
        describe(out, subcommand, &words, lang);
    }
}

fn table(out: &mut String, args: &[&Arg], lang: Lang) {
    out.push_str(&format!("{}\n|---|---|\n", words::HEAD.to(lang)));
    for arg in args {
        out.push_str(&format!(
            "| `{}` | {} |\n",
            typed(arg).replace('|', "\\|"),
            meaning(arg, lang)
        ));
    }
}

/// `-c, --connections <N>`, or `<URL>`.
fn typed(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let takes = arg.get_action().takes_values();
    let values: Vec<String> = arg
        .get_value_names()
        .filter(|_| takes)
        .unwrap_or_default()
        .iter()
        .map(|name| format!("<{name}>"))
        .collect();
    let mut words = Vec::new();
    if !flags.is_empty() {
        words.push(flags.join(", "));
    }
    words.extend(values);
    words.join(" ")
}

fn meaning(arg: &Arg, lang: Lang) -> String {
    let help = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = sentence(&help).replace('\n', " ");
    let takes = arg.get_action().takes_values();
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| takes && !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !choices.is_empty() {
        text.push_str(&format!(
            " {} {}.",
            words::ONE_OF.to(lang),
            choices.join(", ")
        ));
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .filter(|_| takes)
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !defaults.is_empty() {
        text.push_str(&format!(
            " {} {}.",
            words::DEFAULT.to(lang),
            defaults.join(", ")
        ));
    }
    if let Some(variable) = arg.get_env() {
        text.push_str(&format!(
            " {} `{}`.",
            words::VARIABLE.to(lang),
            variable.to_string_lossy()
        ));
    }
    text
}

/// A help text as Markdown: nothing in it means more than itself, code stays code.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut out = String::new();
    let mut code = false;
    for c in text.chars() {
        code ^= c == '`';
        match c {
            '|' => out.push_str("\\|"),
            '<' if !code => out.push_str("&lt;"),
            '*' | '_' | '[' | ']' | '#' if !code => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    if !out.is_empty() && !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}
