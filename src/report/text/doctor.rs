//! What the doctor found, for a terminal.

use super::{
    page::{PAGE, dimmed, verdict},
    paint::{Look, padded, wrap},
};
use crate::doctor::{Area, Check, Report, State};

/// Columns of a topic's title.
const TITLE: usize = 18;

/// The report's page: the sentence first, then each part.
pub fn doctor(report: &Report) -> String {
    let (look, sentence) = sentence(report);
    let mut lines = verdict(look, &sentence, look);
    for (part, heading) in [
        (Area::Datadog, "Datadog"),
        (Area::Aws, "AWS"),
        (Area::Target, "What is deployed"),
    ] {
        let of_part: Vec<&Check> = report
            .checks
            .iter()
            .filter(|check| check.topic.area() == part)
            .collect();
        if of_part.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(Look::Strong.paint(heading));
        let mut subject = None;
        let (skipped, looked_at): (Vec<&Check>, Vec<&Check>) = of_part
            .into_iter()
            .partition(|check| check.state == State::Skipped);
        for check in looked_at {
            if check.subject != subject {
                subject.clone_from(&check.subject);
                if let Some(name) = &subject {
                    lines.push(format!("  {name}"));
                }
            }
            lines.extend(told(check));
        }
        lines.extend(passed_over(&skipped));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn sentence(report: &Report) -> (Look, String) {
    let things = |count: usize| match count {
        1 => "1 thing".to_owned(),
        count => format!("{count} things"),
    };
    let mut rest = Vec::new();
    for (state, what) in [
        (State::Advice, "worth knowing"),
        (State::CannotTell, "cannot be told from here"),
        (State::Skipped, "skipped"),
    ] {
        match report.count(state) {
            0 => {}
            count => rest.push(format!("{count} {what}")),
        }
    }
    let rest = match rest.is_empty() {
        true => String::new(),
        false => format!(" ({})", rest.join(", ")),
    };
    match report.count(State::Fix) {
        0 => (Look::Good, format!("Nothing must be fixed{rest}.")),
        count => (Look::Bad, format!("{} must be fixed{rest}.", things(count))),
    }
}

/// What was skipped, once for each reason.
fn passed_over(skipped: &[&Check]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in skipped {
        match reasons.iter_mut().find(|(why, _)| *why == check.found) {
            Some((_, titles)) => titles.push(check.topic.title()),
            None => reasons.push((&check.found, vec![check.topic.title()])),
        }
    }
    let mut lines = Vec::new();
    for (why, titles) in reasons {
        let text = format!("skipped {}: {why}", titles.join(", "));
        lines.extend(dimmed(Look::Dim.shape(), &text));
    }
    lines
}

fn told(check: &Check) -> Vec<String> {
    let look = match check.state {
        State::Ok => Look::Good,
        State::Fix => Look::Bad,
        State::Advice => Look::Caution,
        State::CannotTell | State::Skipped => Look::Dim,
    };
    let found = match check.state {
        State::CannotTell => format!("cannot tell: {}", check.found),
        _ => check.found.clone(),
    };
    let indent = " ".repeat(4 + TITLE);
    let mut lines = Vec::new();
    for (place, line) in wrap(&found, PAGE - indent.len()).into_iter().enumerate() {
        lines.push(match place {
            0 => format!(
                "  {} {}{line}",
                look.mark(),
                padded(check.topic.title(), TITLE)
            ),
            _ => format!("{indent}{line}"),
        });
    }
    if let Some(fix) = &check.fix {
        for (place, line) in wrap(fix, PAGE - indent.len() - 2).into_iter().enumerate() {
            let arrow = if place == 0 { "→" } else { " " };
            lines.push(format!("{indent}{arrow} {line}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Topic;

    #[test]
    fn the_verdict_stands_first_and_each_finding_has_its_fix() {
        let report = Report::of(vec![
            Check::ok(Topic::Site, "datadoghq.com"),
            Check::fix(Topic::ApiKey, "refused", "make a new one"),
            Check::skipped(Topic::ScopeLogs, "no key"),
        ]);
        let page = doctor(&report);
        let plain = anstream::adapter::strip_str(&page).to_string();
        assert!(
            plain.starts_with("✗ 1 thing must be fixed (1 skipped)."),
            "{plain}"
        );
        assert!(plain.contains("→ make a new one"), "{plain}");
        assert!(plain.lines().all(|line| line.chars().count() <= PAGE));
    }
}
