//! The trace map: services and functions, and who hands work to whom.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{flame::is_init, tree::SpanTree};
use crate::{
    pages::{show, visit::Visit, words::*},
    telemetry::store::Span,
};

/// So wide that the sample app's six stations stand side by side on a screen of 1,280.
const WIDTH: usize = 168;
const HEIGHT: usize = 74;
const ACROSS: usize = 32;
const DOWN: usize = 26;
/// From a box's edge to its text.
const INSET: usize = 12;
/// How many nodes are drawn.
const MOST_NODES: usize = 60;

/// A service, or a function of its own.
#[derive(Default)]
struct MapNode {
    name: String,
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
        self.row * (HEIGHT + DOWN) + 2
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

/// Nodes in columns by how far they are from where the trace began, and who calls whom.
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
            && !edges.contains(&(caller, here))
        {
            edges.push((caller, here));
        }
    }
    (nodes, edges)
}

/// Draws the trace map.
pub(super) fn map(visit: &Visit, tree: &SpanTree) -> Markup {
    let (nodes, edges) = nodes(tree);
    let width = nodes.iter().map(MapNode::x).max().unwrap_or(0) + WIDTH + 4;
    let height = nodes.iter().map(MapNode::y).max().unwrap_or(0) + HEIGHT + 4;
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
        ul.visually-hidden {
            @for (from, to) in &edges {
                li { (say(CALLS, visit.lang, &[named(*from), named(*to)])) }
            }
        }
    }
}

fn drawn(visit: &Visit, node: &MapNode) -> Markup {
    let failed = node.errors > 0;
    let link = visit.with(&[("spanID", Some(&node.first.to_string()))]);
    html! {
        a href=(format!("{link}#span")) {
            title { (node.name) }
            rect class=(if failed { "node node-failed" } else { "node" }) x=(node.x()) y=(node.y()) width=(WIDTH) height=(HEIGHT) rx="10" {}
            text x=(node.x() + INSET) y=(node.y() + 24) { (short(&node.name)) }
            text.quiet x=(node.x() + INSET) y=(node.y() + 44) {
                (say(SPANS_OWN, visit.lang, &[&counted(ONE_SPAN, N_SPANS, visit.lang, node.spans), &show::nanos(node.own_ns)]))
            }
            @if failed {
                text.loud x=(node.x() + INSET) y=(node.y() + 62) {
                    "✕ " (say(N_ERRORS, visit.lang, &[&node.errors.to_string()]))
                }
            }
        }
    }
}

/// A name as long as its box has room for; the end tells names apart better than the middle.
fn short(name: &str) -> String {
    const ROOM: usize = 19;
    let length = name.chars().count();
    if length <= ROOM {
        return name.to_owned();
    }
    let start: String = name.chars().take(4).collect();
    let end: String = name.chars().skip(length - 14).collect();
    format!("{start}…{end}")
}

fn curve(from: &MapNode, to: &MapNode) -> String {
    let (x1, y1) = (from.x() + WIDTH, from.y() + HEIGHT / 2);
    let (x2, y2) = (to.x(), to.y() + HEIGHT / 2);
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
        let below = y1.max(y2) + HEIGHT / 2 + DOWN / 2;
        format!(
            "M{x1} {y1}C{} {below} {} {below} {x2} {y2}",
            x1 + ACROSS,
            x2.saturating_sub(ACROSS)
        )
    }
}
