//! Whether a command printed what the page shows, apart from what differs between two runs.

use std::sync::LazyLock;

use regex::Regex;

/// What differs between two runs, and what stands for it. Counts, shares, names and limits are not
/// among them: those must be as shown.
static VARIES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        // Dates come first: the rules for times and ids would take them apart.
        (r"\b\d{4}-\d\d-\d\dT\d{6}Z", "DATE"),
        (r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b", "DATE"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", "DATE"),
        (
            r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
            "DATE",
        ),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
        (r"\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|\b\d{15,20}\b", "ID"),
        (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\bport \d+ on 127\.0\.0\.1", "port PORT on 127.0.0.1"),
        // How sure a measured time is, without a unit of its own.
        (
            r"[≥≤] \d+(\.\d+)?|\b\d+(\.\d+)?–\d+(\.\d+)?\b|\bunbounded\b",
            "SURE",
        ),
        // Minutes and hours are planned; what is shorter is measured.
        (r"\b\d+(\.\d+)? ?(ns|µs|ms|s)\b", "TIME"),
        (r"\b[\d,]+(\.\d+)?( requests)?( a second|/s)\b", "RATE"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).expect("a pattern"), name))
    .into()
});

/// The first difference between what was `shown` and what was `printed`, in words.
///
/// # Errors
/// There is one.
pub fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let (shown, printed) = (lines(shown), lines(printed));
    let mut at = 0;
    let mut gap = false;
    for part in split(&shown) {
        let Some(part) = part else {
            gap = true;
            continue;
        };
        let last = printed.len().saturating_sub(part.len());
        let places = if gap { at..=last } else { at..=at };
        let fits = |at: &usize| printed.get(*at..*at + part.len()) == Some(part);
        match places.into_iter().find(fits) {
            Some(place) => at = place + part.len(),
            None => return Err(difference(part, &printed[at.min(printed.len())..], gap)),
        }
        gap = false;
    }
    match printed.get(at) {
        Some(line) if !gap => Err(format!("printed and not shown: {line}")),
        _ => Ok(()),
    }
}

/// The stretches between lines of `…`, which are None.
fn split(shown: &[String]) -> Vec<Option<&[String]>> {
    let mut parts = Vec::new();
    for (n, part) in shown.split(|line| line == "…").enumerate() {
        if n > 0 {
            parts.push(None);
        }
        if !part.is_empty() {
            parts.push(Some(part));
        }
    }
    parts
}

fn difference(part: &[String], printed: &[String], gap: bool) -> String {
    let alike = |at: usize| {
        part.iter()
            .zip(&printed[at..])
            .take_while(|(shown, printed)| shown == printed)
            .count()
    };
    let places = if gap {
        printed.len()
    } else {
        1.min(printed.len())
    };
    // Where most of it fits, the line that does not is the one to look at.
    let best = (0..places).max_by_key(|at| (alike(*at), std::cmp::Reverse(*at)));
    let (at, fits) = best.map_or((0, 0), |at| (at, alike(at)));
    let found = match printed.get(at + fits) {
        _ if gap && fits == 0 => "none of the lines that follow",
        Some(line) => line,
        None => "the end",
    };
    format!("shown:   {}\nprinted: {found}", part[fits])
}

/// The lines with what varies replaced, space made even, and a histogram as one line.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.trim_end().lines().map(even).collect();
    lines.dedup_by(|next, line| line == "BARS" && next == "BARS");
    lines
}

fn even(line: &str) -> String {
    if line.contains('┤') {
        return "BARS".to_owned();
    }
    let line = VARIES.iter().fold(line.to_owned(), |line, (kind, name)| {
        kind.replace_all(&line, *name).into_owned()
    });
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_varies_between_runs_is_alike() {
    for (shown, printed) in [
        ("p50  1.4 s", "p50  912 ms"),
        ("sure  1.7–1.9  ≥ 2.1", "sure  880–951  1–1.2"),
        ("http://127.0.0.1:8484/x", "http://127.0.0.1:40001/x"),
        (
            "loadgen-runs/2026-11-26T183715Z-cold-start",
            "loadgen-runs/2027-01-02T000000Z-cold-start",
        ),
        (
            "id 5ae4404b-a740-455c-b239-67976a9e19b9",
            "id 247b8994-944b-4964-853c-168b8a6a6c79",
        ),
        ("  1 ms ┤◆◆ 2\n  2 ms ┤◆ 1\nend", " 11 ms ┤◆ 1\nend"),
        ("first\n…\nlast", "first\nlast"),
        ("…\nlast", "one\ntwo\nlast"),
        ("first\n…", "first\ntwo\nthree"),
    ] {
        assert_eq!(compare(shown, printed), Ok(()), "{shown}");
    }
}

#[test]
fn what_must_not_vary_is_held_to_the_letter() {
    for (shown, printed) in [
        (
            "60 cold starts in 60 invocations: 100 %",
            "59 cold starts in 60 invocations: 98 %",
        ),
        ("idle for 15 min", "idle for 10 min"),
        ("first\nlast", "first\ntwo\nlast"),
        ("first", "first\nmore"),
        ("first\nmore", "first"),
        ("first\n…\nlast", "first\nlast\nmore"),
        ("first\n…\nlast", "last\nfirst"),
        ("cold-start\n…", "errors\nand more"),
    ] {
        assert!(compare(shown, printed).is_err(), "{shown}");
    }
}

#[test]
fn a_difference_names_the_line() {
    let difference = compare("a\n…\nb\nc", "a\nx\nb\nd").expect_err("they differ");
    assert_eq!(difference, "shown:   c\nprinted: d");
}
