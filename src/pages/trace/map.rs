//! The trace map: services and functions, and who hands work to whom.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    flame::{self, is_init},
    tree::SpanTree,
};
use crate::{
    pages::{show, visit::Visit, words::*},
    telemetry::store::Span,
};

/// So wide that the sample app's six stations stand side by side on a screen of 1,280.
const WIDTH: usize = 168;
const ACROSS: usize = 32;
const DOWN: usize = 26;
/// A line of a name, in pixels and in letters; and the room below a name.
const LINE: usize = 18;
const LETTERS: usize = 20;
const BELOW: usize = 48;
/// How many lines a name has: what is longer than any service's name is cut.
const MOST_LINES: usize = 6;
/// From a box's edge to its text.
const INSET: usize = 12;
/// How many nodes are drawn, and how many arrows between them.
const MOST_NODES: usize = 60;
const MOST_EDGES: usize = 150;

/// A service, or a function of its own.
#[derive(Default)]
struct MapNode {
    name: String,
    /// The name in lines that fit the box.
    lines: Vec<String>,
    /// How high all boxes are.
    height: usize,
    spans: usize,
    errors: usize,
    own_ns: i64,
    column: usize,
    row: usize,
    first: u64,
}

impl MapNode {
    fn x(&self) -> usize {
        self.column * (WIDTH + ACROSS) + 2
    }

    fn y(&self) -> usize {
        self.row * (self.height + DOWN) + 2
    }
}

/// What a span is counted under: a function by its own name, everything else by its service.
fn key(span: &Span) -> &str {
    if span.name == "aws.lambda" || is_init(span) {
        &span.resource
    } else {
        &span.service
    }
}

/// Nodes in columns by their distance from the start of the trace, and which calls which.
fn nodes(tree: &SpanTree) -> (Vec<MapNode>, Vec<(usize, usize)>) {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes: Vec<MapNode> = Vec::new();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    // Parents have lower rows than their children, so they come first.
    let mut order: Vec<usize> = (0..tree.spans.len()).collect();
    order.sort_by_key(|place| tree.rows.get(*place));
    for place in order {
        let Some(span) = tree.spans.get(place) else {
            continue;
        };
        let caller = tree
            .parents
            .get(place)
            .copied()
            .flatten()
            .and_then(|parent| tree.spans.get(parent))
            .and_then(|parent| places.get(key(parent)).copied());
        let here = match places.get(key(span)) {
            Some(here) => *here,
            None if nodes.len() < MOST_NODES => {
                let column = caller
                    .and_then(|caller| nodes.get(caller))
                    .map_or(0, |caller| caller.column + 1);
                nodes.push(MapNode {
                    name: key(span).to_owned(),
                    lines: lines(key(span)),
                    column,
                    row: nodes.iter().filter(|node| node.column == column).count(),
                    first: span.span_id,
                    ..MapNode::default()
                });
                places.insert(key(span), nodes.len() - 1);
                nodes.len() - 1
            }
            None => continue,
        };
        if let Some(node) = nodes.get_mut(here) {
            node.spans += 1;
            node.errors += usize::from(span.error);
            let own = tree.own_ns.get(place).copied().unwrap_or(0);
            node.own_ns = node.own_ns.saturating_add(own);
        }
        if let Some(caller) = caller
            && caller != here
            && edges.len() < MOST_EDGES
            && !edges.contains(&(caller, here))
        {
            edges.push((caller, here));
        }
    }
    let most = nodes.iter().map(|node| node.lines.len()).max().unwrap_or(1);
    for node in &mut nodes {
        node.height = most * LINE + BELOW;
    }
    (nodes, edges)
}

/// Draws the trace map.
pub(super) fn map(visit: &Visit, tree: &SpanTree) -> Markup {
    let (nodes, edges) = nodes(tree);
    let width = nodes.iter().map(MapNode::x).max().unwrap_or(0) + WIDTH + 4;
    let height = nodes
        .iter()
        .map(|node| node.y() + node.height)
        .max()
        .unwrap_or(0)
        + 4;
    let named = |place: usize| nodes.get(place).map_or("", |node| node.name.as_str());
    html! {
        div.scroll tabindex="0" role="region" aria-label="Trace Map" {
            svg.map width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group" aria-label=(visit.text(MAP_SAID)) {
                defs {
                    marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" {
                        path.tip d="M0 0 8 4 0 8Z" {}
                    }
                }
                @for (from, to) in &edges {
                    @if let (Some(from), Some(to)) = (nodes.get(*from), nodes.get(*to)) {
                        path.edge d=(curve(from, to)) marker-end="url(#tip)" {}
                    }
                }
                @for node in &nodes { (drawn(visit, node)) }
            }
        }
        @let drawn: usize = nodes.iter().map(|node| node.spans).sum();
        @if drawn < tree.spans.len() {
            p.quiet { (say(SPANS_LEFT_OUT, visit.lang, &[&show::count((tree.spans.len() - drawn) as f64)])) }
        }
        ul.calls {
            @for (from, to) in &edges {
                li { (say(CALLS, visit.lang, &[named(*from), named(*to)])) }
            }
        }
    }
}

fn drawn(visit: &Visit, node: &MapNode) -> Markup {
    let failed = node.errors > 0;
    let (x, below) = (node.x() + INSET, node.y() + 24 + node.lines.len() * LINE);
    let class = if failed { "node node-failed" } else { "node" };
    html! {
        a href=(flame::link(visit, node.first)) data-fold {
            rect class=(class) x=(node.x()) y=(node.y()) width=(WIDTH) height=(node.height) rx="10" {}
            text {
                @for (place, line) in node.lines.iter().enumerate() {
                    tspan x=(x) y=(node.y() + 24 + place * LINE) { (line) }
                }
            }
            text.quiet x=(x) y=(below) {
                (say(SPANS_OWN, visit.lang, &[&counted(ONE_SPAN, N_SPANS, visit.lang, node.spans), &show::nanos(node.own_ns)]))
            }
            @if failed {
                text.loud x=(x) y=(below + LINE) { "✕ " (say(N_ERRORS, visit.lang, &[&node.errors.to_string()])) }
            }
        }
    }
}

/// A name in lines as long as a box has room for, broken where names have joints.
fn lines(name: &str) -> Vec<String> {
    let mut rest: Vec<char> = name.chars().take(LETTERS * MOST_LINES + 1).collect();
    let mut lines = Vec::new();
    while rest.len() > LETTERS && lines.len() + 1 < MOST_LINES {
        let joint = |c: &char| matches!(c, '-' | '.' | '/' | '_' | ' ' | ':');
        let fitting = rest.iter().take(LETTERS).rposition(joint);
        let end = fitting.map_or(LETTERS, |place| place + 1);
        let after = rest.split_off(end);
        lines.push(rest.iter().collect());
        rest = after;
    }
    if rest.len() > LETTERS {
        rest.truncate(LETTERS - 1);
        rest.push('…');
    }
    lines.push(rest.iter().collect());
    lines
}

fn curve(from: &MapNode, to: &MapNode) -> String {
    let (x1, y1) = (from.x() + WIDTH, from.y() + from.height / 2);
    let (x2, y2) = (to.x(), to.y() + to.height / 2);
    if x2 > x1 {
        let bend = (x2 - x1) / 2;
        format!(
            "M{x1} {y1}C{} {y1} {} {y2} {} {y2}",
            x1 + bend,
            x2 - bend,
            x2 - 1
        )
    } else {
        // Back to an earlier column: around below.
        let below = y1.max(y2) + from.height / 2 + DOWN / 2;
        format!(
            "M{x1} {y1}C{} {below} {} {below} {x2} {y2}",
            x1 + ACROSS,
            x2.saturating_sub(ACROSS)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_name_is_whole_in_lines_that_fit() {
        for name in [
            "aws.sns",
            "datadog-sample-sqs-consumer-function",
            "sandboxapi.execute-api.ap-northeast-2.amazonaws.com",
            "한국어로된아주긴서비스이름이여기에있습니다그리고더",
        ] {
            let lines = lines(name);
            assert_eq!(lines.concat(), name);
            assert!(
                lines.iter().all(|line| line.chars().count() <= 20),
                "{lines:?}"
            );
        }
        let long = lines(&"x".repeat(100_000));
        assert!(long.len() == 6 && long.concat().ends_with('…'));
    }
}
