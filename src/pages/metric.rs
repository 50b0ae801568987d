//! `/metric/explorer`: one metric over time, by tag, with the parameters of Datadog's own links
//! (`exp_metric`, `exp_scope`, `exp_agg`, `exp_group`).

use maud::{Markup, html};

use super::{
    chart::{Graph, MAX_LINES, SeriesLine, lines},
    data::{self, Bins},
    frame,
    page::{PageContent, PageError},
    show,
    visit::Visit,
    words::*,
};
use crate::telemetry::query::{evaluate, metric::MetricQuery, rollup::Buckets};

/// The aggregations that Datadog's explorer offers.
const AGGREGATIONS: [&str; 5] = ["sum", "avg", "max", "min", "count"];

/// Draws the explorer.
pub(super) fn explorer(visit: &Visit) -> Result<PageContent, PageError> {
    let reader = &visit.state.reader;
    let asked = ExplorerQuery::of(visit);
    let names = reader.metric_names()?;
    let tags = reader.metric_tags(Some(&asked.metric))?;
    let keys = tag_keys(&tags);
    let query = asked.query();
    let content = html! {
        (frame::head(visit, None, html! { (visit.text(METRIC_EXPLORER)) }, None))
        (form(visit, &asked, &names, &keys))
        p.section { code.type { (query) } }
        section.section aria-label=(visit.text(GRAPHS_WORD)) {
            @match MetricQuery::parse(&query) {
                Ok(parsed) => (drawn(visit, &asked, &parsed)?),
                Err(error) => {
                    p.raised { (visit.text(BAD_SEARCH)) }
                    p { (error) }
                }
            }
        }
    };
    Ok(PageContent {
        title: asked.metric,
        content,
    })
}

struct ExplorerQuery {
    metric: String,
    scope: String,
    aggregation: String,
    group: String,
}

impl ExplorerQuery {
    fn of(visit: &Visit) -> ExplorerQuery {
        let get = |key: &str, default: &str| {
            visit
                .get(key)
                .unwrap_or(default)
                .chars()
                .take(300)
                .collect::<String>()
        };
        ExplorerQuery {
            metric: get("exp_metric", data::INVOCATIONS),
            scope: get("exp_scope", "*"),
            aggregation: get("exp_agg", "sum"),
            group: get("exp_group", ""),
        }
    }

    /// The query as Datadog writes it.
    fn query(&self) -> String {
        let group = self.group.trim();
        let by = if group.is_empty() {
            String::new()
        } else {
            format!(" by {{{group}}}")
        };
        format!("{}:{}{{{}}}{by}", self.aggregation, self.metric, self.scope)
    }
}

fn tag_keys(tags: &std::collections::BTreeSet<String>) -> Vec<&str> {
    let mut keys: Vec<&str> = tags
        .iter()
        .filter_map(|tag| tag.split_once(':'))
        .map(|(key, _)| key)
        .collect();
    keys.dedup();
    keys
}

fn form(visit: &Visit, asked: &ExplorerQuery, names: &[String], keys: &[&str]) -> Markup {
    let params = ["exp_metric", "exp_scope", "exp_agg", "exp_group"];
    html! {
        form.row method="get" action="/metric/explorer" {
            @for (key, value) in visit.fields(&params) {
                input type="hidden" name=(key) value=(value);
            }
            label.field { (visit.text(METRIC))
                select name="exp_metric" {
                    @if !names.contains(&asked.metric) { option selected { (asked.metric) } }
                    @for name in names { option selected[*name == asked.metric] { (name) } }
                }
            }
            label.field { (visit.text(SCOPE))
                input type="text" name="exp_scope" value=(asked.scope) spellcheck="false" autocomplete="off";
            }
            label.field { (visit.text(AGGREGATION))
                select name="exp_agg" {
                    @for name in AGGREGATIONS { option selected[name == asked.aggregation] { (name) } }
                }
            }
            label.field { (visit.text(GROUP_BY))
                select name="exp_group" {
                    option value="" { "–" }
                    @if !asked.group.is_empty() && !keys.contains(&asked.group.as_str()) { option selected { (asked.group) } }
                    @for key in keys { option selected[*key == asked.group] { (key) } }
                }
            }
            button.button.button-main.at-end type="submit" { (visit.text(APPLY)) }
        }
    }
}

/// How a metric's values are said (Datadog, "Enhanced Lambda metrics" and "Amazon Lambda", data
/// collected: units of each metric).
fn unit(metric: &str, aggregation: &str) -> fn(f64) -> String {
    let name = metric.strip_prefix("aws.lambda.").unwrap_or(metric);
    match name {
        _ if aggregation == "count" => show::number,
        "timeout" | "enhanced.duration" | "enhanced.init_duration" | "enhanced.billed_duration" => {
            show::seconds
        }
        "enhanced.runtime_duration"
        | "enhanced.post_runtime_duration"
        | "duration"
        | "duration.maximum" => |ms| show::seconds(ms / 1e3),
        "memorysize" | "enhanced.memorysize" | "enhanced.max_memory_used" => show::memory,
        "enhanced.estimated_cost" => show::dollars,
        _ => show::number,
    }
}

fn drawn(visit: &Visit, asked: &ExplorerQuery, query: &MetricQuery) -> Result<Markup, PageError> {
    let bins = Bins::over(&visit.range);
    let end = bins.from_ms.saturating_add(bins.length_ms());
    let buckets = Buckets::between(bins.from_ms, end, bins.width_ms);
    let table = evaluate::metric(&visit.state.reader, query, buckets, i64::MAX)?;
    let found: Vec<SeriesLine> = table
        .into_iter()
        .map(|(group, row)| SeriesLine {
            name: if group.is_empty() {
                asked.aggregation.clone()
            } else {
                group.join(", ")
            },
            points: row.into_iter().collect(),
        })
        .collect();
    let show = unit(&asked.metric, &asked.aggregation);
    let values: Vec<f64> = found
        .iter()
        .flat_map(|line| &line.points)
        .map(|(_, value)| *value)
        .collect();
    let total = if asked.aggregation == "sum" || asked.aggregation == "count" {
        format!("{} {}", visit.text(IN_ALL), show(values.iter().sum()))
    } else {
        values
            .iter()
            .copied()
            .reduce(f64::max)
            .map_or_else(String::new, |max| {
                format!("{} {}", visit.text(LARGEST), show(max))
            })
    };
    let graph = Graph {
        title: &asked.metric,
        link: None,
        total,
        bins: &bins,
        events: &[],
    };
    Ok(html! {
        (lines(visit, &graph, &found, show))
        @if found.len() > MAX_LINES {
            p.quiet { (say(LEFT_OUT, visit.lang, &[&(found.len() - MAX_LINES).to_string()])) }
        }
    })
}
