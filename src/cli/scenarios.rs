//! `loadgen scenarios`: the built-in scenarios, one of them, or the JSON Schema of all.

use clap::Args;

use super::{Exit, Failure, out};
use crate::{
    insight::{Id, Provoked},
    lang::{Phrase, Text, texts},
    scenario::{BUILTINS, builtin, json_schema, nearest},
};

texts! {
    const;
    did_you_mean(near: &str): "did you mean `{}`?", "혹시 `{:`을} 찾나요?";
    LISTED: "`loadgen scenarios` lists them", "목록은 `loadgen scenarios`로 볼 수 있습니다";
    no_builtin(name: String, hint: Phrase): "there is no built-in scenario {}; {}", "내장 시나리오 {:이} 없습니다. {}";
    WHAT_NEXT: "loadgen run NAME runs one; loadgen scenarios NAME prints it, to change and run.",
        "loadgen run NAME: 실행. loadgen scenarios NAME: 출력(고쳐서 실행).";
    never(id: &str, why: Text): "No scenario brings {}: {}.", "{:을} 일으키는 시나리오는 없습니다: {}.";
}

/// List the built-in scenarios, or print one to start from.
#[derive(Debug, Args)]
pub struct Scenarios {
    /// Print this one as its file is written
    name: Option<String>,
    /// Print the JSON Schema of scenario files, for editors
    #[arg(long, conflicts_with = "name")]
    schema: bool,
}

/// Prints what was asked for on stdout.
pub fn run(asked: &Scenarios) -> Result<Exit, Failure> {
    match &asked.name {
        _ if asked.schema => out::line(format!("{:#}", json_schema()))?,
        Some(name) => out::text(text_of(name)?)?,
        None => out::text(list())?,
    }
    Ok(Exit::Met)
}

fn text_of(name: &str) -> Result<&'static str, Failure> {
    let found = builtin(name).map(|builtin| builtin.text);
    found.ok_or_else(|| {
        let name: String = name.chars().take(60).collect();
        let hint: Phrase = match nearest(&name, BUILTINS.iter().map(|builtin| builtin.name)) {
            Some(near) => did_you_mean(near),
            None => LISTED.into(),
        };
        Failure::new(no_builtin(format!("{name:?}"), hint))
    })
}

fn list() -> String {
    let mut page = String::new();
    let widest = BUILTINS.iter().map(|builtin| builtin.name.len()).max();
    let widest = widest.unwrap_or_default();
    for builtin in BUILTINS {
        page.push_str(&format!(
            "{:widest$}  {}\n",
            builtin.name,
            (builtin.title)()
        ));
    }
    page.push_str(&format!("\n{WHAT_NEXT}\n"));
    for &id in Id::ALL {
        if let Provoked::Never(why) = id.insight().provoked_by {
            let why = never(id.key(), why);
            page.push_str(&format!("{}\n", textwrap::fill(&why.to_string(), 80)));
        }
    }
    page
}
