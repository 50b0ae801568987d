//! What the requests, feeds, flows and the sign-in of a file mean together.

use std::{collections::BTreeMap, mem, ops::Range, path::Path};

use super::{
    diagnostics::{Diagnostics, FieldUse},
    feed::{FeedError, FeedRows},
    file::ScenarioFile,
    mistake::quoted,
    near::nearest,
    shapes::{Located, OneOrMany},
    template::RESERVED,
    traffic_file::{AuthFile, AuthPer, FlowFile, RequestFile, StepFile},
    types::{Auth, Feed, Flow, FlowStep, ScenarioRequest, Traffic},
    words,
};
use crate::{lang::Reason, units::parse_duration};

/// Reads them. Where one request stands alone and is always the same there is no traffic.
pub fn read(
    found: &mut Diagnostics,
    file: &ScenarioFile,
    folder: Option<&Path>,
) -> (ScenarioRequest, Option<Traffic>) {
    let usual = RequestFile::default();
    let files: Vec<&RequestFile> = match &file.request {
        None => vec![&usual],
        Some(OneOrMany::One(one)) => vec![one],
        Some(OneOrMany::Many(list)) => list.iter().collect(),
    };
    let mut names = Names::default();
    let is_list = matches!(file.request, Some(OneOrMany::Many(_)));
    let mut requests: Vec<Used> = Vec::new();
    for one in &files {
        requests.push(Used::read(found, one));
        match &one.name {
            Some(name) => names.add(found, name.get(), name.span(), words::A_REQUEST),
            None if is_list => {
                let span = one.method.as_ref().or(one.path.as_ref()).map(Located::span);
                let (label, help) = (words::NO_NAME, words::PHASE_NAME_HELP);
                found.mistake(span.unwrap_or(0..0), label, words::REQUEST_UNNAMED, help);
            }
            None => {}
        }
    }
    let is_plain = |one: &Used| {
        one.fields.is_empty()
            && !one.varies
            && one.request.captures.is_empty()
            && one.request.expected_json.is_empty()
    };
    let alone = file.data.is_none() && file.auth.is_none() && file.flow.is_none() && !is_list;
    if alone
        && let [one] = requests.as_slice()
        && is_plain(one)
    {
        return (requests.swap_remove(0).request, None);
    }
    let auth = file.auth.as_ref().map(|auth| {
        let used = Used::read(found, &auth.get().request);
        (auth, found.captures(Some(&auth.get().capture)), used)
    });
    let mut reader = Reader {
        found,
        requests: &requests,
        auth: auth
            .as_ref()
            .map(|(file, captures, used)| (*file, captures.as_slice(), used)),
        names,
    };
    let feeds = reader.feeds(file, folder);
    let flows = reader.flows(file.flow.as_deref(), &files);
    reader.check_fields(&feeds, &flows);
    let per_row = reader.sign_in(&feeds);
    let lifetime = file
        .auth
        .as_ref()
        .and_then(|auth| auth.get().lifetime.as_ref());
    let lifetime = found.duration(lifetime, "lifetime");
    let auth = auth.map(|(_, captures, used)| Auth {
        request: ScenarioRequest {
            captures,
            ..used.request
        },
        lifetime,
        per_row,
    });
    let traffic = Traffic {
        requests: requests.into_iter().map(|one| one.request).collect(),
        flows,
        feeds,
        auth,
    };
    (ScenarioRequest::default(), Some(traffic))
}

/// A request, and what its templates take from elsewhere.
struct Used {
    request: ScenarioRequest,
    fields: Vec<FieldUse>,
    varies: bool,
}

impl Used {
    fn read(found: &mut Diagnostics, file: &RequestFile) -> Used {
        let before = mem::take(&mut found.fields);
        found.varies = false;
        let request = found.request(file);
        Used {
            request: ScenarioRequest {
                name: file
                    .name
                    .as_ref()
                    .map_or_else(String::new, |name| name.get().clone()),
                ..request
            },
            fields: mem::replace(&mut found.fields, before),
            varies: found.varies,
        }
    }
}

/// The names of requests and feeds, which share one space: `${NAME.FIELD}`.
#[derive(Default)]
struct Names(BTreeMap<String, ()>);

impl Names {
    fn add(
        &mut self,
        found: &mut Diagnostics,
        name: &str,
        span: Range<usize>,
        what: crate::lang::Text,
    ) {
        let name = found.traffic_name(name, span.clone());
        if RESERVED.contains(&name.as_str()) {
            let message = words::reserved(&quoted(&name));
            found.mistake(span, words::NOT_A_NAME, message, words::ANOTHER_NAME);
        } else if self.0.insert(name.clone(), ()).is_some() {
            let message = words::name_twice(&quoted(&name), what);
            found.mistake(span, words::USED_BEFORE, message, words::ANOTHER_NAME);
        }
    }
}

struct Reader<'a> {
    found: &'a mut Diagnostics,
    requests: &'a [Used],
    auth: Option<(&'a Located<AuthFile>, &'a [super::types::Capture], &'a Used)>,
    names: Names,
}

impl Reader<'_> {
    fn all_fields(&self) -> impl Iterator<Item = &FieldUse> {
        let auth = self.auth.iter().flat_map(|(_, _, used)| &used.fields);
        self.requests.iter().flat_map(|one| &one.fields).chain(auth)
    }

    fn feeds(&mut self, file: &ScenarioFile, folder: Option<&Path>) -> Vec<Feed> {
        let mut feeds = Vec::new();
        for (name, feed) in file.data.iter().flatten() {
            self.names
                .add(self.found, name.get_ref(), name.span(), words::A_FEED);
            let uses: Vec<FieldUse> = self
                .all_fields()
                .filter(|field| field.of == *name.get_ref())
                .cloned()
                .collect();
            if uses.is_empty() {
                let message = words::feed_unused(&quoted(name.get_ref()));
                let help = words::use_feed(name.get_ref());
                self.found
                    .mistake(name.span(), words::NOT_USED, message, help);
            }
            let mut columns: Vec<&str> = uses.iter().map(|field| field.name.as_str()).collect();
            columns.sort_unstable();
            columns.dedup();
            let read = folder.map(|folder| FeedRows::read(folder, feed.file.get(), &columns));
            let rows = match read {
                None => FeedRows::default(),
                Some(Ok(rows)) => {
                    self.check_rows(&rows, &uses);
                    rows
                }
                Some(Err(FeedError::Column { column, known })) => {
                    let used = uses.iter().find(|field| field.name == column);
                    let span = used.map_or(name.span(), |field| field.span.clone());
                    let message = words::no_column(&quoted(&column), feed.file.get());
                    self.unknown(span, message, &column, &known);
                    FeedRows::default()
                }
                Some(Err(error)) => {
                    let message = words::as_it_says(Reason::of(error));
                    self.found
                        .plain_mistake(feed.file.span(), words::NOT_READABLE, message);
                    FeedRows::default()
                }
            };
            feeds.push(Feed {
                name: name.get_ref().clone(),
                order: feed.order.unwrap_or_default(),
                rows,
            });
        }
        feeds
    }

    /// Rows whose value cannot be what a template makes of it.
    fn check_rows(&mut self, rows: &FeedRows, uses: &[FieldUse]) {
        for field in uses {
            let Some(column) = rows.column(&field.name) else {
                continue;
            };
            let number = |value: &serde_json::Value| match value {
                serde_json::Value::String(text) => text.trim().parse::<f64>().is_ok(),
                value => value.is_number(),
            };
            let bare = |value: &serde_json::Value| {
                !value
                    .as_str()
                    .is_some_and(|text| text.contains(is_unfit_for_header))
            };
            let wrong = match (field.number, field.in_header) {
                (true, _) => rows
                    .first_not(column, number)
                    .map(|row| (row, words::NO_NUMBER)),
                (false, true) => rows
                    .first_not(column, bare)
                    .map(|row| (row, words::NO_HEADER_TEXT)),
                _ => None,
            };
            if let Some((row, why)) = wrong {
                let message = words::bad_cell(row, &field.of, &field.name, why);
                self.found
                    .plain_mistake(field.span.clone(), words::NOT_POSSIBLE, message);
            }
        }
    }

    fn unknown(
        &mut self,
        span: Range<usize>,
        message: crate::lang::Phrase,
        name: &str,
        known: &[String],
    ) {
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => words::did_you_mean(&quoted(near)),
            None => words::there_are(known.join(", ")),
        };
        self.found.mistake(span, words::NOT_KNOWN, message, help);
    }

    fn flows(&mut self, file: Option<&[FlowFile]>, requests: &[&RequestFile]) -> Vec<Flow> {
        let Some(file) = file.filter(|flows| !flows.is_empty()) else {
            if let Some(second) = requests.get(1) {
                let span = second.name.as_ref().map_or(0..0, Located::span);
                let help = words::NO_FLOW_HELP;
                self.found
                    .mistake(span, words::WHEN_SENT, words::NO_FLOW, help);
            }
            let pause = std::time::Duration::ZERO;
            return vec![Flow {
                name: String::new(),
                weight: 1,
                cookies: false,
                steps: vec![FlowStep { request: 0, pause }],
            }];
        };
        let mut flows: Vec<Flow> = Vec::new();
        for flow in file {
            let name = self.found.traffic_name(flow.name.get(), flow.name.span());
            if flows.iter().any(|other| other.name == name) {
                let message = words::name_twice(&quoted(&name), words::A_FLOW);
                let help = words::ANOTHER_NAME;
                self.found
                    .mistake(flow.name.span(), words::USED_BEFORE, message, help);
            }
            flows.push(Flow {
                name,
                weight: flow.weight.as_ref().map_or(1, |weight| *weight.get()),
                cookies: flow.cookies.unwrap_or(false),
                steps: self.steps(&flow.steps),
            });
        }
        flows
    }

    fn steps(&mut self, file: &[Located<StepFile>]) -> Vec<FlowStep> {
        let mut steps = Vec::new();
        let mut pause = std::time::Duration::ZERO;
        let misplaced = |place: usize| place == 0 || place + 1 == file.len();
        for (place, step) in file.iter().enumerate() {
            match step.get() {
                StepFile::Request(name) => {
                    let mut known = self.requests.iter().map(|one| one.request.name.as_str());
                    match known.position(|other| other == name) {
                        Some(request) => steps.push(FlowStep {
                            request,
                            pause: mem::take(&mut pause),
                        }),
                        None => {
                            let known: Vec<String> = self
                                .requests
                                .iter()
                                .map(|one| one.request.name.clone())
                                .collect();
                            let message = words::no_request(&quoted(name));
                            self.unknown(step.span(), message, name, &known);
                        }
                    }
                }
                StepFile::Pause(_) if misplaced(place) => {
                    let help = words::PAUSE_HELP;
                    let label = words::DOES_NOT_BELONG;
                    self.found
                        .mistake(step.span(), label, words::PAUSE_AT_END, help);
                }
                StepFile::Pause(file) => match parse_duration(&file.pause) {
                    Ok(length) => pause = pause.saturating_add(length),
                    Err(error) => {
                        let message = words::as_it_says(Reason::of(error));
                        let label = words::NOT_UNDERSTOOD;
                        self.found.plain_mistake(step.span(), label, message);
                    }
                },
            }
        }
        steps
    }

    /// Holds every `${OF.NAME}` against what there is when its request is sent.
    fn check_fields(&mut self, feeds: &[Feed], flows: &[Flow]) {
        let requests = self.requests;
        for (place, one) in requests.iter().enumerate() {
            for field in &one.fields {
                self.check_field(field, feeds, Some((place, flows)));
            }
        }
        if let Some((_, _, used)) = self.auth {
            for field in &used.fields {
                self.check_field(field, feeds, None);
            }
        }
    }

    /// One of them, of a request and the flows, or of the sign-in, which comes before all requests.
    fn check_field(&mut self, field: &FieldUse, feeds: &[Feed], within: Option<(usize, &[Flow])>) {
        let (requests, span) = (self.requests, field.span.clone());
        let is_feed = feeds.iter().any(|feed| feed.name == field.of);
        let captures = match (field.of.as_str(), self.auth, within) {
            _ if is_feed => return,
            ("auth", Some((_, captures, _)), Some(_)) => captures,
            (of, _, Some(_))
                if let Some(one) = requests.iter().find(|it| it.request.name == of) =>
            {
                &one.request.captures
            }
            _ => {
                let of_requests = requests.iter().map(|one| one.request.name.clone());
                let of_feeds = feeds.iter().map(|feed| feed.name.clone());
                let auth = self.auth.map(|_| "auth".to_owned());
                let known: Vec<String> = match within {
                    Some(_) => of_feeds.chain(of_requests).chain(auth).collect(),
                    None => of_feeds.collect(),
                };
                let known: Vec<String> =
                    known.into_iter().filter(|name| !name.is_empty()).collect();
                let message = words::no_source(&quoted(&field.of));
                return self.unknown(span, message, &field.of, &known);
            }
        };
        let names: Vec<String> = captures
            .iter()
            .map(|capture| capture.name.clone())
            .collect();
        if !names.contains(&field.name) {
            let message = words::not_captured(&field.of, &quoted(&field.name));
            return self.unknown(span, message, &field.name, &names);
        }
        let source = requests.iter().position(|one| one.request.name == field.of);
        let (Some((place, flows)), Some(source)) = (within, source) else {
            return;
        };
        for flow in flows {
            let position = |of| flow.steps.iter().position(|step| step.request == of);
            let Some(here) = position(place) else {
                continue;
            };
            if position(source).is_none_or(|there| there >= here) {
                let message = words::captured_later(&field.of, &quoted(&flow.name));
                let help = words::captured_later_help(&field.of, &requests[place].request.name);
                return self.found.mistake(span, words::NOT_YET, message, help);
            }
        }
    }

    /// The feed that has a sign-in for each row.
    fn sign_in(&mut self, feeds: &[Feed]) -> Option<usize> {
        let (auth, _, used) = self.auth?;
        if auth.get().per.unwrap_or_default() == AuthPer::Run {
            return None;
        }
        let mut of: Vec<usize> = (used.fields.iter())
            .filter_map(|field| feeds.iter().position(|feed| feed.name == field.of))
            .collect();
        of.dedup();
        if of.len() != 1 {
            let (label, help) = (words::WHICH_ROW, words::PER_ROW_HELP);
            self.found.mistake(auth.span(), label, words::PER_ROW, help);
        }
        of.first().copied()
    }
}

/// Whether a character would end a header's line, or may not stand in one.
pub fn is_unfit_for_header(c: char) -> bool {
    c.is_control() && c != '\t'
}
