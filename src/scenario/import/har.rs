//! HAR 1.2: what a browser's network tab saves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use serde::Deserialize;

use super::draft::{
    ImportError, Imported, ImportedBody, ImportedFlow, ImportedRequest, ImportedStep, body_of,
    is_carried, literal, split_address,
};
use crate::scenario::{requests::METHODS, words};

/// A shorter gap between two requests is no pause of the user's.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// Nor does anybody look at a page for longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
struct HarFile {
    log: HarLog,
}

#[derive(Deserialize)]
struct HarLog {
    entries: Vec<HarEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: f64,
    request: HarRequest,
    #[serde(default)]
    response: HarResponse,
}

#[derive(Default, Deserialize)]
struct HarResponse {
    #[serde(default)]
    status: i64,
    #[serde(default)]
    headers: Vec<HarHeader>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<HarHeader>,
    post_data: Option<HarData>,
}

#[derive(Deserialize)]
struct HarHeader {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    text: String,
}

/// Reads the requests to the host that most of them went to, as one flow.
///
/// # Errors
/// What is no HAR, and more requests than a flow may have.
pub fn read(text: &str) -> Result<Imported, ImportError> {
    let file: HarFile = serde_json::from_str(text)
        .map_err(|error| ImportError::new(words::no_har(error.line(), error.column())))?;
    let mut imported = Imported::default();
    let mut hosts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &file.log.entries {
        if let Some((origin, _)) = split_address(&entry.request.url) {
            *hosts.entry(origin).or_default() += 1;
        }
    }
    imported.target = hosts
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(host, _)| host.clone());
    for (host, count) in &hosts {
        if imported.target.as_ref() != Some(host) {
            imported.leave_out(words::requests_elsewhere(*count, host));
        }
    }
    let (mut steps, mut cookies) = (Vec::new(), BTreeSet::new());
    let mut ended: Option<Timestamp> = None;
    for (number, entry) in file.log.entries.iter().enumerate() {
        let Some((origin, path)) = split_address(&entry.request.url) else {
            let shown: String = entry
                .request
                .url
                .chars()
                .take_while(|c| *c != ':')
                .take(20)
                .collect();
            imported.leave_out(words::entry_no_http(number + 1, &shown));
            continue;
        };
        let Some(mut request) = request(&entry.request, path, number + 1, &mut imported) else {
            continue;
        };
        // The browser followed a redirect by itself: what follows is an entry of its own.
        let status = u16::try_from(entry.response.status).ok();
        request.expected = status.filter(|status| matches!(status, 301..=303 | 307 | 308));
        if imported.target.as_ref() != Some(&origin) {
            continue;
        }
        older_cookies(entry, &mut cookies, &mut imported);
        let began: Option<Timestamp> = entry.started_date_time.parse().ok();
        let gap = began
            .zip(ended)
            .and_then(|(began, ended)| Duration::try_from(began.duration_since(ended)).ok());
        if let Some(gap) = gap.filter(|gap| *gap >= SHORTEST_PAUSE)
            && !steps.is_empty()
        {
            steps.push(ImportedStep::Pause(Duration::from_millis(
                gap.min(LONGEST_PAUSE).as_millis() as u64,
            )));
        }
        let took = Duration::try_from_secs_f64(entry.time.max(0.0) / 1e3).unwrap_or_default();
        ended = ended.max(began.and_then(|began| began.checked_add(took).ok()));
        steps.push(ImportedStep::Request(imported.add(request)));
    }
    imported.add_flow(ImportedFlow {
        name: "visit".to_owned(),
        weight: 1,
        cookies: true,
        steps,
    })?;
    Ok(imported)
}

/// Names the cookies that no answer of the recording has set: the flow keeps only those. `set` are the
/// others so far.
fn older_cookies<'a>(entry: &'a HarEntry, set: &mut BTreeSet<&'a str>, imported: &mut Imported) {
    let of = |headers: &'a [HarHeader], wanted: &'static str| {
        let headers = headers.iter();
        let headers = headers.filter(move |header| header.name.eq_ignore_ascii_case(wanted));
        // Some tools write several in one.
        headers.flat_map(|header| header.value.split([';', '\n']))
    };
    let name = |cookie: &'a str| cookie.split_once('=').map(|(name, _)| name.trim());
    for name in of(&entry.request.headers, "cookie").filter_map(name) {
        if set.insert(name) {
            let shown: String = name.chars().take(40).collect();
            imported.leave_out(words::older_cookie(&shown));
        }
    }
    set.extend(of(&entry.response.headers, "set-cookie").filter_map(name));
}

fn request(
    har: &HarRequest,
    path: String,
    number: usize,
    imported: &mut Imported,
) -> Option<ImportedRequest> {
    let method = har.method.to_ascii_uppercase();
    if !METHODS.contains(&method.as_str()) {
        let shown: String = method.chars().take(20).collect();
        imported.leave_out(words::entry_method(number, &shown));
        return None;
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    for HarHeader { name, value } in &har.headers {
        let name = name.to_ascii_lowercase();
        // The flow keeps cookies itself.
        let is_known = headers.iter().any(|(known, _)| *known == name);
        if name != "cookie" && is_carried(&name) && !value.is_empty() && !is_known {
            headers.push((name, literal(value)));
        }
    }
    let mut body = None;
    if let Some(data) = &har.post_data {
        body = body_of(&data.text, &data.mime_type);
        let is_multipart = data.mime_type.starts_with("multipart/");
        if is_multipart && data.text.is_empty() {
            imported.leave_out(words::entry_multipart(number));
        }
        if matches!(body, Some(ImportedBody::Json(_) | ImportedBody::Form(_)))
            && !headers.iter().any(|(name, _)| name == "content-type")
            && !data.mime_type.is_empty()
        {
            headers.push(("content-type".to_owned(), literal(&data.mime_type)));
        }
    }
    Some(ImportedRequest {
        method,
        path: literal(&path),
        headers,
        body,
        ..ImportedRequest::default()
    })
}
