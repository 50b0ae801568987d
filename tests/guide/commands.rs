//! Every command of the READMEs and the chapters.

use std::{collections::BTreeSet, sync::Mutex, thread};

use super::{
    page::{self, Block, Page},
    script,
};

/// So many pages run at once: the model's latencies are waited for, but the machine is small.
const AT_ONCE: usize = 3;

#[test]
fn every_command_runs_and_prints_what_is_shown() {
    let pages = Mutex::new(to_run());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = pages.lock().expect("the pages").pop();
                    let Some(page) = next else { break };
                    let found = script::prove(&page);
                    wrong.lock().expect("what is wrong").extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("what is wrong");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The pages that have a command of their own. A translation has the commands of its twin, so it
/// runs only where it says something else.
fn to_run() -> Vec<Page> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut pages: Vec<Page> = page::all()
        .into_iter()
        .filter(|page| {
            let blocks = page.blocks();
            let scripts = blocks.iter().filter(|block| script::runs(block));
            let new = scripts.filter(|block| seen.insert(block.text.clone()));
            new.count() > 0
        })
        .collect();
    // The last is taken first, and the longest pages should not come last.
    pages.sort_by_key(|page| page.blocks().len());
    pages
}

#[test]
fn every_command_for_the_cloud_is_one_that_the_program_reads() {
    let mut wrong = Vec::new();
    for page in page::all() {
        for block in page.blocks() {
            if !block.language("sh") || script::runs(&block) {
                continue;
            }
            for typed in typed(&block) {
                let read = loadgen::cli::command().try_get_matches_from(&typed);
                if let Err(error) = read
                    && error.use_stderr()
                {
                    wrong.push(format!(
                        "{}:{}: {}: {error}",
                        page.name,
                        block.line,
                        typed.join(" ")
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the program would be given by each `loadgen` of a block.
fn typed(block: &Block) -> Vec<Vec<String>> {
    let text = block
        .text
        .replace("\\\n", " ")
        .replace("cargo run --release --", "loadgen");
    let words = text
        .lines()
        .map(|line| shlex::split(line).unwrap_or_default());
    words
        .filter_map(|words| {
            let from = words.iter().position(|word| word == "loadgen")?;
            let ends = |word: &String| {
                ["|", ">", ">>", "&&", "||", ";", "&", "2>&1"].contains(&word.as_str())
            };
            let mine: Vec<String> = words[from..]
                .iter()
                .take_while(|word| !ends(word))
                .cloned()
                .collect();
            Some(mine)
        })
        .collect()
}

#[test]
fn every_block_says_what_it_is() {
    let mut wrong = Vec::new();
    for page in page::all() {
        let blocks = page.blocks();
        for (n, block) in blocks.iter().enumerate() {
            let before = n.checked_sub(1).map(|before| &blocks[before]);
            let at = format!("{}:{}", page.name, block.line);
            if block.info.is_empty() {
                wrong.push(format!("{at}: the block names no language"));
            }
            if block.language("sh") && block.text.lines().any(|line| line.starts_with("$ ")) {
                wrong.push(format!("{at}: commands stand without `$`"));
            }
            if block.language("text")
                && !block.is("drawing")
                && !before.is_some_and(|before| before.language("sh"))
            {
                wrong.push(format!(
                    "{at}: a `text` block follows its command; what nobody prints is `text,drawing`"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
