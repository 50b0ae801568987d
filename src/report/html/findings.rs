//! The Insights as cards: what was expected, measured and observed, by whom, and what to do.

use maud::{Markup, html};

use super::{page::ReportPage, words::*};
use crate::{
    insight::{Basis, Met},
    lang::Text,
    look::Shape,
    record::{Demand, Finding, Verdict},
    report::{grouped, run_rows::verdict_word},
};

/// The section. Cards for what a reader must see, and a line for each of the rest.
pub fn section(page: &ReportPage<'_>) -> Markup {
    // `bench` has no Insights.
    if page.run.insights.is_empty() && page.run.requests_per_second.is_some() {
        return html! {};
    }
    let (shown, quiet): (Vec<&Finding>, Vec<&Finding>) = page
        .run
        .insights
        .iter()
        .partition(|finding| matters(finding));
    html! {
        section.section id="insights" aria-labelledby="insights-title" {
            h2 id="insights-title" { (page.text(INSIGHTS)) }
            @if page.run.insights.is_empty() {
                p.quiet { (page.text(NO_FINDINGS)) }
            } @else {
                div.cards { @for finding in shown { (card(page, finding)) } }
                (others(page, &quiet))
                p.quiet { small { (page.text(INSIGHTS_CAVEAT)) } }
            }
        }
    }
}

/// Whether a reader must see it as a card.
fn matters(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Absent => false,
        Verdict::CannotTell => {
            matches!(finding.expected, Some(Demand::Present | Demand::Absent))
        }
        _ => true,
    }
}

fn card(page: &ReportPage<'_>, finding: &Finding) -> Markup {
    let insight = finding.id.insight();
    let (mark, word) = verdict(finding.verdict);
    let (why_lang, why) = page.kept(&finding.reason);
    html! {
        article.card {
            h3 {
                @if let Some(shape) = Shape::of_insight(finding.id) {
                    span class={ "mark-" (shape.key()) } { (shape.drawn()) } "\u{a0}"
                }
                (page.text(insight.name))
            }
            p.card-verdict { (mark.beside(page.text(word))) }
            p.quiet { code { (page.function(&finding.function)) } }
            dl.pairs {
                dt { (page.text(CONDITION)) } dd { (page.text(insight.when)) }
                (bases(page, finding))
                @if !finding.reason.text.is_empty() && finding.reason != finding.measured {
                    dt { (page.text(WHY)) } dd lang=[why_lang] { (why) }
                }
                @if advised(finding) {
                    dt { (page.text(WHAT_TO_DO)) } dd { (page.text(insight.advice)) }
                }
            }
            @if !finding.queries.is_empty() {
                details.unfold {
                    summary { small { (page.text(QUERIES)) span.visually-hidden { ": " (page.text(insight.name)) ", " (page.function(&finding.function)) } } }
                    @for query in &finding.queries { code.query { (query) } }
                }
            }
            (link(page, finding))
        }
    }
}

/// What was expected, measured and observed, each with its source.
fn bases(page: &ReportPage<'_>, finding: &Finding) -> Markup {
    let (lang, measured) = page.kept(&finding.measured);
    html! {
        dt { (page.text(EXPECTED)) }
        dd {
            (page.text(demand(finding.expected)))
            @if let Some(predicted) = finding.predicted {
                br; span.quiet { (page.say(PREDICTED, &[page.text(met(predicted))])) }
            }
        }
        dt { (page.text(MEASURED)) }
        dd {
            span lang=[lang] { (measured) }
            @if let Some(client) = finding.client {
                br; span.quiet { (page.say(BY_CLIENT, &[page.text(met(client))])) }
            }
        }
        dt { (page.text(OBSERVED)) }
        dd {
            @match finding.observed {
                Some(observed) => (page.say(observed_by(finding), &[page.text(met(observed))])),
                None => span.quiet { (page.text(NOT_OBSERVED)) },
            }
        }
    }
}

/// A link only to what a browser opens as a page, whatever the file says.
fn link(page: &ReportPage<'_>, finding: &Finding) -> Markup {
    let link = finding.link.as_str();
    let word = match link.contains("/serverless_warnings") {
        true => MORE,
        false => MORE_FUNCTION,
    };
    html! {
        @if link.starts_with("https://") || link.starts_with("http://") {
            p { a href=(link) rel="noreferrer" { (page.text(word)) span.visually-hidden { ": " (page.text(finding.id.insight().name)) } } }
        }
    }
}

/// What was neither expected nor seen, by function and verdict.
fn others(page: &ReportPage<'_>, quiet: &[&Finding]) -> Markup {
    let named = quiet.iter().map(|finding| {
        let name = page.text(finding.id.insight().name);
        ((finding.function.as_str(), finding.verdict), name)
    });
    let groups = grouped(named);
    html! {
        @if !groups.is_empty() {
            dl.pairs.others {
                @for ((function, found), names) in &groups {
                    @let (mark, word) = verdict(*found);
                    dt { (mark.beside(page.text(word))) }
                    dd { (names.join(", ")) " " span.quiet { code { (page.function(function)) } } }
                }
            }
        }
    }
}

/// What to do is said where there is something to be done.
fn advised(finding: &Finding) -> bool {
    matches!(
        finding.verdict,
        Verdict::Seen | Verdict::Unexpected | Verdict::AlsoSeen
    )
}

fn verdict(verdict: Verdict) -> (Shape, Text) {
    let shape = match verdict {
        Verdict::Seen | Verdict::Absent => Shape::Met,
        Verdict::Missing | Verdict::Unexpected => Shape::Error,
        Verdict::NotSeenYet | Verdict::CannotTell => Shape::Unknown,
        Verdict::AlsoSeen => Shape::Throttled,
    };
    (shape, verdict_word(verdict))
}

fn demand(demand: Option<Demand>) -> Text {
    match demand {
        Some(Demand::Present) => MUST_APPEAR,
        Some(Demand::Absent | Demand::Others) => MUST_NOT_APPEAR,
        None => NOT_ASKED,
    }
}

fn met(met: Met) -> Text {
    match met {
        Met::Yes => YES,
        Met::No => NO,
        Met::CannotTell => CANNOT_TELL,
    }
}

fn observed_by(finding: &Finding) -> Text {
    match finding.basis {
        Basis::Datadog => IN_DATADOG,
        Basis::Cloudwatch => IN_CLOUDWATCH,
        Basis::Sandbox => IN_SANDBOX,
        Basis::Client | Basis::Plan => IN_SAMPLES,
    }
}
