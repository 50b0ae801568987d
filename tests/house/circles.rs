//! Ways in a graph that come back to where they began.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::imports::{Graph, Place};

/// Circles by their chain, `a → b → a`, each with the places that make it.
pub type Circles = BTreeMap<String, Vec<Place>>;

/// For each edge that is part of a circle, the shortest one.
pub fn circles(graph: &Graph) -> Circles {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in graph.keys() {
        next.entry(from).or_default().push(to);
    }
    let ways = graph
        .keys()
        .filter_map(|(from, to)| shortest(&next, to, from));
    ways.map(|nodes| circle(graph, nodes)).collect()
}

/// The circles of two: what imports each other.
pub fn pairs(graph: &Graph) -> Circles {
    graph
        .keys()
        .filter(|(from, to)| from < to && graph.contains_key(&(to.clone(), from.clone())))
        .map(|(from, to)| circle(graph, vec![from, to]))
        .collect()
}

fn circle(graph: &Graph, mut nodes: Vec<&str>) -> (String, Vec<Place>) {
    let first = (0..nodes.len()).min_by_key(|at| nodes[*at]).unwrap_or(0);
    nodes.rotate_left(first);
    nodes.push(nodes[0]);
    let places = nodes
        .windows(2)
        .map(|pair| graph[&(pair[0].to_owned(), pair[1].to_owned())].clone())
        .collect();
    (nodes.join(" → "), places)
}

/// The nodes of the shortest way, both ends included.
fn shortest<'a>(
    next: &BTreeMap<&'a str, Vec<&'a str>>,
    from: &'a str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::from([from]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let mut way = vec![node];
            while let Some(previous) = before.get(way[way.len() - 1]) {
                way.push(previous);
            }
            way.reverse();
            return Some(way);
        }
        for end in next.get(node).into_iter().flatten() {
            if seen.insert(end) {
                before.insert(end, node);
                queue.push_back(end);
            }
        }
    }
    None
}
