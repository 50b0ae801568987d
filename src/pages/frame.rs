//! The frame around every page: the bar, the time range, the notices, and the pages that say
//! that there is nothing.

use maud::{DOCTYPE, Markup, html};

use super::{
    Origin,
    page::PageContent,
    range::{PageRange, RangeChoice},
    show,
    visit::Visit,
    words::*,
};
use crate::{
    lang::{Lang, Text},
    look::{self, Shape},
    units::show_duration,
};

pub(super) const DASHBOARD_PATH: &str = "/screen/integration/aws_lambda_enhanced_metrics";

/// The complete document.
pub(super) fn whole(visit: &Visit, page: &PageContent, version: &str) -> Markup {
    let (other, other_code) = match visit.lang {
        Lang::En => (Lang::Ko, "ko"),
        Lang::Ko => (Lang::En, "en"),
    };
    let places: [(&str, Text, String); 3] = [
        ("/functions", SERVERLESS_VIEW, visit.link("/functions", &[])),
        ("/logs", LOG_EXPLORER, visit.link("/logs", &[])),
        (DASHBOARD_PATH, DASHBOARD, visit.link(DASHBOARD_PATH, &[])),
    ];
    let live = visit.state.settings.live;
    html! {
        (DOCTYPE)
        html lang=(visit.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · loadgen" }
                link rel="icon" href="/_pages/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/_pages/look.css";
                script src="/_pages/pages.js" defer {}
            }
            body data-live=[live.then_some("/_pages/live")] data-version=(version) {
                a.skip href="#content" { (visit.text(SKIP)) }
                header.bar {
                    a.brand href=(visit.link("/functions", &[])) { (Shape::Cold.drawn()) "loadgen" }
                    nav aria-label=(visit.text(NAV)) {
                        @for (path, name, link) in &places {
                            a href=(link) aria-current=[visit.path().starts_with(path).then_some("page")] {
                                (visit.text(*name))
                            }
                        }
                    }
                    a href=(visit.with(&[("lang", Some(other_code))])) lang=(other) hreflang=(other)
                        aria-label=(OTHER_LANG.to(visit.lang)) {
                        @match other { Lang::Ko => (look::korean()), Lang::En => (OTHER_LANG.to(visit.lang)) }
                    }
                }
                @if let Some(notice) = notice(visit) {
                    aside.notice aria-label=(visit.text(ORIGIN)) { (notice) }
                }
                main id="content" tabindex="-1" { (page.content) }
                footer.foot { (visit.text(FOOT)) }
            }
        }
    }
}

fn notice(visit: &Visit) -> Option<Markup> {
    let origin = match visit.state.settings.origin {
        Origin::Sandbox => SIMULATED,
        Origin::Hosted => HOSTED,
        Origin::Datadog => FETCHED,
    };
    let lost = visit.state.reader.losses().unwrap_or_default();
    let lost: Vec<String> = lost
        .iter()
        .map(|loss| {
            format!(
                "{} {} ({})",
                show::count(loss.records as f64),
                loss.what,
                loss.reason
            )
        })
        .collect();
    Some(html! {
        (visit.text(origin))
        @if !lost.is_empty() { " " (say(LOST, visit.lang, &[&lost.join(", ")])) }
    })
}

/// A page's head: what it is, and the time range that drives it.
pub(super) fn head(
    visit: &Visit,
    crumb: Option<Markup>,
    title: Markup,
    sub: Option<Markup>,
) -> Markup {
    html! {
        div.head {
            div {
                @if let Some(crumb) = crumb { div.crumb { (crumb) } }
                h1 { (title) }
                @if let Some(sub) = sub { p.sub { (sub) } }
            }
            (range_menu(visit))
        }
    }
}

/// The length of a range as people say it.
fn length(ms: i64) -> String {
    show_duration(std::time::Duration::from_millis(ms.unsigned_abs()))
}

fn range_menu(visit: &Visit) -> Markup {
    let range = &visit.range;
    let known = !visit.runs.is_empty();
    // What a run's folder holds is that run.
    let all = match visit.state.settings.last {
        Some(_) => ALL_DATA,
        None => THIS_RUN,
    };
    let now = match range.choice {
        RangeChoice::Run => visit.text(THIS_RUN).to_owned(),
        RangeChoice::All => visit.text(all).to_owned(),
        RangeChoice::Last(ms) => say(LAST, visit.lang, &[&length(ms)]),
        RangeChoice::Between => format!(
            "{} – {}",
            show::clock(range.from_ms),
            show::clock(range.to_ms)
        ),
    };
    html! {
        details.menu data-menu="" {
            summary.button { span.visually-hidden { (visit.text(TIME_RANGE)) ": " } (now) }
            div.sheet {
                div.choices {
                    @if known {
                        a href=(visit.in_range(&[("range", "run")]))
                            aria-current=[(range.choice == RangeChoice::Run).then_some("true")] {
                            (visit.text(THIS_RUN))
                        }
                    }
                    @for (key, minutes) in PageRange::OFFERED {
                        a href=(visit.in_range(&[("range", key)]))
                            aria-current=[(range.choice == RangeChoice::Last(minutes * 60_000)).then_some("true")] {
                            (say(LAST, visit.lang, &[&length(minutes * 60_000)]))
                        }
                    }
                    a href=(visit.in_range(&[("range", "all")]))
                        aria-current=[(range.choice == RangeChoice::All).then_some("true")] {
                        (visit.text(all))
                    }
                }
                form.stack method="get" action=(visit.path()) {
                    (hidden(visit, &PageRange::PARAMS))
                    label.field { (visit.text(FROM))
                        input type="datetime-local" step="1" name="start" value=(show::field(range.from_ms)) required;
                    }
                    label.field { (visit.text(TO))
                        input type="datetime-local" step="1" name="end" value=(show::field(range.to_ms)) required;
                    }
                    button.button type="submit" { (visit.text(APPLY)) }
                }
            }
        }
    }
}

/// The parameters that a form takes along, but for those that it sets itself.
pub(super) fn hidden(visit: &Visit, own: &[&str]) -> Markup {
    html! {
        @for (key, value) in visit.fields(own) { input type="hidden" name=(key) value=(value); }
    }
}

/// A field to search in what a page shows.
pub(super) fn search(visit: &Visit, action: &str, key: &str, name: Text) -> Markup {
    html! {
        form.search method="get" action=(action) role="search" {
            (hidden(visit, &[key]))
            input type="search" name=(key) value=(visit.get(key).unwrap_or_default())
                placeholder=(visit.text(name)) aria-label=(visit.text(name));
            button.button type="submit" { (visit.text(SEARCH)) }
        }
    }
}

/// A menu to choose what a page shows: each choice with its key and whether it is chosen.
pub(super) fn chooser(
    visit: &Visit,
    (key, name): (&str, Text),
    choices: impl Iterator<Item = (&'static str, Text, bool)>,
) -> Markup {
    html! {
        details.menu {
            summary.button { (visit.text(name)) }
            form.sheet method="get" action=(visit.path()) {
                (hidden(visit, &[key]))
                @for (value, name, chosen) in choices {
                    label.tick {
                        input type="checkbox" name=(key) value=(value) checked[chosen];
                        (visit.text(name))
                    }
                }
                p { button.button type="submit" { (visit.text(APPLY)) } }
            }
        }
    }
}

/// Filters beside a page's content; on a small screen a drawer above it.
pub(super) fn beside(visit: &Visit, facets: &Markup, content: &Markup) -> Markup {
    html! {
        div.beside {
            div.drawer {
                input.drawer-open.visually-hidden type="checkbox" id="filters";
                label.button for="filters" { (visit.text(FILTERS)) }
                div.facets { (facets) }
            }
            div.stack { (content) }
        }
    }
}

/// Before anything ran.
pub(super) fn no_data(visit: &Visit) -> PageContent {
    PageContent {
        title: visit.text(NO_DATA).to_owned(),
        content: html! {
            div.blank {
                (Shape::Cold.drawn())
                h1 { (visit.text(NO_DATA)) }
                p { (visit.text(if visit.state.settings.live { NO_DATA_LIVE } else { NO_DATA_OVER })) }
                code.type { (visit.state.settings.command) }
            }
        },
    }
}

/// Data there is, but not in this time range.
pub(super) fn nothing_in_range(visit: &Visit) -> Markup {
    html! {
        div.blank {
            h2 { (visit.text(NOTHING_HERE)) }
            p.quiet { (show::time(visit.range.from_ms)) " – " (show::time(visit.range.to_ms)) }
            p { a href=(visit.in_range(&[("range", "all")])) { (visit.text(SHOW_ALL)) } }
        }
    }
}

/// There is no such thing, and where to go instead.
pub(super) fn not_found(visit: &Visit, said: &str, ways: &[(String, String)]) -> PageContent {
    let said = html! {
        p { (said) }
        @if !ways.is_empty() {
            p { (visit.text(KNOWN)) }
            ul { @for (name, link) in ways { li { a href=(link) { (name) } } } }
        }
    };
    blank(visit, NOT_FOUND, Shape::Unknown, &said)
}

/// Why there is nothing to see: a search that cannot be read, or a store that failed.
pub(super) fn failed(visit: &Visit, title: Text, why: &str) -> PageContent {
    blank(visit, title, Shape::Error, &html! { p { (why) } })
}

fn blank(visit: &Visit, title: Text, shape: Shape, said: &Markup) -> PageContent {
    PageContent {
        title: visit.text(title).to_owned(),
        content: html! {
            div.blank.stack {
                (shape.drawn())
                h1 { (visit.text(title)) }
                (said)
            }
        },
    }
}
