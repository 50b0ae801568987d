//! The doctor's report, for a terminal.

use super::{
    page::{PAGE, dimmed, headed, verdict},
    paint::{Look, padded, wrap},
};
use crate::{
    doctor::{Area, Check, Report, State},
    lang::{Phrase, Reason, current, texts},
    report::grouped,
};

/// Columns of a topic's title.
const TITLE: usize = 18;

texts! {
    const;
    DATADOG: "Datadog", "Datadog";
    AWS: "AWS", "AWS";
    TARGET: "What is deployed", "배포된 것";
    healthy(rest: &Reason): "Nothing must be fixed{}.", "고칠 것이 없습니다{}.";
    unhealthy(count: usize, rest: &Reason): "{count} {count?thing|things} must be fixed{rest}.", "고칠 것 {}건{}.";
    rest(states: &str): " ({})", "({})";
    advised(count: usize): "{} worth knowing", "참고 {}건";
    undetermined(count: usize): "{} cannot be determined from here", "판단할 수 없음 {}건";
    left_out(count: usize): "{} skipped", "건너뜀 {}건";
    skipped(titles: String, why: &str): "skipped {}: {}", "건너뜀: {}({})";
    cannot_tell(found: &str): "cannot be determined: {}", "판단할 수 없음: {}";
}

/// The report's page: the verdict first, then each area.
pub fn doctor(report: &Report) -> String {
    let (look, sentence) = sentence(report);
    let mut lines = verdict(look, &sentence.to_string(), look);
    for (area, heading) in [
        (Area::Datadog, DATADOG),
        (Area::Aws, AWS),
        (Area::Target, TARGET),
    ] {
        let of_area = report
            .checks
            .iter()
            .filter(|check| check.topic.area() == area);
        let (skipped, made): (Vec<&Check>, Vec<&Check>) =
            of_area.partition(|check| check.state == State::Skipped);
        if skipped.is_empty() && made.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(Look::Strong.paint(heading));
        let mut subject = None;
        for check in made {
            if check.subject != subject {
                subject.clone_from(&check.subject);
                lines.extend(subject.iter().map(|name| format!("  {name}")));
            }
            lines.extend(shown(check));
        }
        lines.extend(skipped_by_reason(&skipped));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn sentence(report: &Report) -> (Look, Phrase) {
    let count = |state, said: fn(usize) -> Phrase| match report.count(state) {
        0 => None,
        count => Some(said(count).to_string()),
    };
    let states: Vec<String> = [
        count(State::Advice, advised),
        count(State::CannotTell, undetermined),
        count(State::Skipped, left_out),
    ]
    .into_iter()
    .flatten()
    .collect();
    let more = match states.is_empty() {
        true => Reason::of(""),
        false => Reason::of(rest(&states.join(", "))),
    };
    match report.count(State::Fix) {
        0 => (Look::Good, healthy(&more)),
        count => (Look::Bad, unhealthy(count, &more)),
    }
}

/// The skipped checks, once for each reason.
fn skipped_by_reason(checks: &[&Check]) -> Vec<String> {
    let checks = checks.iter();
    let reasons = checks.map(|check| (check.found.to_string(), check.topic.title().to(current())));
    let said = |(why, titles): (String, Vec<&str>)| {
        let text = skipped(titles.join(", "), &why).to_string();
        dimmed(Look::Dim.shape(), &text)
    };
    grouped(reasons).into_iter().flat_map(said).collect()
}

fn shown(check: &Check) -> Vec<String> {
    let look = match check.state {
        State::Ok => Look::Good,
        State::Fix => Look::Bad,
        State::Advice => Look::Caution,
        State::CannotTell | State::Skipped => Look::Dim,
    };
    let mut found = check.found.to_string();
    if check.state == State::CannotTell {
        found = cannot_tell(&found).to_string();
    }
    let title = padded(check.topic.title().to(current()), TITLE);
    let behind = |label: String, indent: usize, text: &str| {
        headed(&label, indent, wrap(text, PAGE - indent))
    };
    let indent = 4 + TITLE;
    let mut lines = behind(format!("  {} {title}", look.mark()), indent, &found);
    if let Some(fix) = &check.fix {
        let arrow = format!("{}→ ", " ".repeat(indent));
        lines.extend(behind(arrow, indent + 2, &fix.to_string()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::columns, *};
    use crate::{
        doctor::Topic,
        lang::{Lang, speaking},
    };

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

    #[test]
    fn a_korean_page_keeps_to_the_columns_of_the_terminal() {
        let report = Report::of(vec![
            Check::ok(Topic::EnhancedMetrics, "datadoghq.com"),
            Check::fix(
                Topic::ApiKey,
                "가나다라 ".repeat(30),
                "마바사아 ".repeat(30),
            ),
            Check::skipped(Topic::ScopeLogs, "키 없음"),
        ]);
        let page = speaking(Lang::Ko, || doctor(&report));
        let plain = anstream::adapter::strip_str(&page).to_string();
        assert!(plain.starts_with("✗ 고칠 것 1건(건너뜀 1건)."), "{plain}");
        assert!(plain.lines().all(|line| columns(line) <= PAGE), "{plain}");
        let column = |text: &str| {
            let line = plain.lines().find(|line| line.contains(text));
            line.and_then(|line| Some(columns(line.split_once(text)?.0)))
        };
        assert_eq!(column("datadoghq.com"), column("가나다라"));
    }
}
