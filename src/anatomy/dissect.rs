//! Taking a cold start apart.

use std::collections::BTreeMap;

use super::{
    Anatomy, AnatomySpan, ColdPart, ImportTime,
    imports::{imports, is_import},
    span::micros,
};

/// What the client and Lambda measured of a cold start, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeasuredTimes {
    /// From planned send to the end.
    pub response_us: u64,
    /// How late it was sent, connecting left out.
    pub send_us: u64,
    /// Connecting.
    pub connect_us: u64,
    /// `Init Duration` of its REPORT line, or `Restore Duration`.
    pub init_us: Option<u64>,
    /// `Duration` of its REPORT line.
    pub duration_us: Option<u64>,
}

/// The spans of one trace that name a part.
#[derive(Default)]
struct Landmarks<'a> {
    gateway: Option<AnatomySpan<'a>>,
    handler: Option<AnatomySpan<'a>>,
    load: Option<AnatomySpan<'a>>,
    /// The extension's span of the complete initialisation.
    init: Option<AnatomySpan<'a>>,
    /// What the message went through first: topic or queue.
    queue: Option<AnatomySpan<'a>>,
    consumer: Option<AnatomySpan<'a>>,
}

impl<'a> Landmarks<'a> {
    /// The first function of a trace is the one that answers; the next of another name is the consumer.
    fn of(spans: &[AnatomySpan<'a>]) -> Landmarks<'a> {
        let first = |wanted: &dyn Fn(&AnatomySpan<'a>) -> bool| {
            let found = spans.iter().filter(|span| wanted(span));
            found.min_by_key(|span| span.start_ns).copied()
        };
        let gateway =
            first(&|span| ["aws.apigateway", "aws.httpapi", "aws.lambda.url"].contains(&span.name));
        // A span that began after the gateway's response is not part of it, for example a message's
        // consumer.
        let answered_ns = gateway.map_or(i64::MAX, |gateway| gateway.end_ns());
        let handler = first(&|span| span.name == "aws.lambda" && span.start_ns < answered_ns);
        let of_answer = |name: &'static str| {
            first(&move |span| {
                let is_its = |handler: AnatomySpan<'_>| {
                    span.resource.eq_ignore_ascii_case(handler.resource)
                        && span.start_ns <= handler.start_ns
                };
                span.name == name && handler.is_none_or(is_its)
            })
        };
        let consumer = handler.and_then(|handler| {
            first(&move |span| span.name == "aws.lambda" && span.resource != handler.resource)
        });
        Landmarks {
            gateway,
            handler,
            load: of_answer("aws.lambda.load"),
            init: of_answer("aws.lambda.cold_start")
                .or_else(|| of_answer("aws.lambda.snapstart_restore")),
            queue: first(&|span| matches!(span.name, "aws.sns" | "aws.sqs")),
            consumer,
        }
    }
}

/// Parts so far, and what of the response time is left for others.
struct Carving {
    parts: BTreeMap<ColdPart, u64>,
    left: u64,
}

impl Carving {
    /// Assigns time of the response to a part, at most what is left.
    fn take(&mut self, part: ColdPart, us: u64) {
        let us = us.min(self.left);
        self.left -= us;
        self.add(part, us);
    }

    fn add(&mut self, part: ColdPart, us: u64) {
        if us > 0 {
            *self.parts.entry(part).or_default() += us;
        }
    }
}

impl Anatomy {
    /// Takes a cold start apart; `spans` are those of its trace, in any order.
    pub fn of(measured: &MeasuredTimes, spans: &[AnatomySpan<'_>]) -> Anatomy {
        let seen = Landmarks::of(spans);
        let mut carving = Carving {
            parts: BTreeMap::new(),
            left: measured.response_us,
        };
        carving.take(ColdPart::Connect, measured.connect_us);
        carving.take(ColdPart::Send, measured.send_us);
        let service_us = carving.left;
        let init_us = (measured.init_us).or_else(|| seen.init.map(|span| span.us()));
        let imports = initialise(&mut carving, init_us, &seen, spans);
        match (seen.handler, measured.duration_us) {
            (Some(handler), duration_us) => {
                carving.take(ColdPart::Handler, handler.us());
                let after = duration_us.map(|us| us.saturating_sub(handler.us()));
                carving.add(ColdPart::Flush, after.unwrap_or(0));
            }
            (None, Some(duration_us)) => carving.take(ColdPart::Invocation, duration_us),
            (None, None) => {}
        }
        if let Some(gateway) = seen.gateway {
            carving.take(ColdPart::Gateway, service_us.saturating_sub(gateway.us()));
            if let (Some(handler), Some(init_us)) = (seen.handler, init_us) {
                let until = handler.start_ns.saturating_sub(gateway.start_ns);
                carving.take(ColdPart::Wait, micros(until).saturating_sub(init_us));
            }
        }
        let left = carving.left;
        carving.take(ColdPart::Unknown, left);
        if let Some(consumer) = seen.consumer {
            let waited = seen
                .queue
                .map(|it| consumer.start_ns.saturating_sub(it.start_ns));
            carving.add(ColdPart::Queue, waited.map_or(0, micros));
            carving.add(ColdPart::Consumer, consumer.us());
        }
        Anatomy {
            parts: carving.parts,
            imports,
        }
    }

    /// Whether anything but the client's own measure went into it.
    pub fn has_evidence(&self) -> bool {
        let client = |part: &ColdPart| {
            matches!(part, ColdPart::Send | ColdPart::Connect | ColdPart::Unknown)
        };
        !self.parts.keys().all(client)
    }
}

/// Splits the initialisation into its parts. Returns the modules.
fn initialise(
    carving: &mut Carving,
    init_us: Option<u64>,
    seen: &Landmarks<'_>,
    spans: &[AnatomySpan<'_>],
) -> Vec<ImportTime> {
    let handler_began = seen.handler.map_or(i64::MAX, |handler| handler.start_ns);
    let loading = match seen.load {
        Some(load) => Some((load.start_ns, load.end_ns())),
        // Without a span around them, the imports are counted by themselves.
        None => (spans.iter())
            .filter(|span| is_import(span.name) && span.start_ns < handler_began)
            .map(|span| (span.start_ns, span.end_ns()))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
    };
    let Some((from, to)) = loading.map(|(from, to)| (from, to.min(handler_began))) else {
        carving.take(ColdPart::Init, init_us.unwrap_or(0));
        return Vec::new();
    };
    let (imports_ns, modules) = imports(spans, (from, to));
    let most = init_us.unwrap_or(u64::MAX);
    let imports_us = (imports_ns / 1_000).min(most);
    carving.take(ColdPart::Imports, imports_us);
    if seen.load.is_some() {
        let loaded_us = micros(to.saturating_sub(from)).min(most);
        carving.take(ColdPart::Code, loaded_us.saturating_sub(imports_us));
        let before = init_us.map(|init_us| init_us.saturating_sub(loaded_us));
        carving.take(ColdPart::Runtime, before.unwrap_or(0));
    } else if let Some(init_us) = init_us {
        carving.take(ColdPart::Init, init_us - imports_us);
    }
    modules
}
