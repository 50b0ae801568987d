//! Writing requests: what is the same in every request of a run is assembled once.

use std::{
    cell::RefCell,
    io::Write,
    rc::Rc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};

use crate::{
    control::{FAULT_HEADER, FAULT_KEY_HEADER, RUN_HEADER},
    engine::trace::{self, SamplingPriority, TraceContext},
    engine::{
        http2::Http2Template,
        job::{RequestSpec, Signer},
    },
    flow::{RenderedRequest, WantedParts},
    lambda::Fault,
    sample::Front,
    units::Address,
};

/// Why a request cannot be sent. Header values are never repeated: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The method is no HTTP method, or CONNECT.
    #[error("`{0}` is no method to send: write GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS")]
    Method(String),
    /// A header's name is invalid.
    #[error("`{0}` is no header name: use letters, digits and hyphens")]
    HeaderName(String),
    /// A header's value contains control characters.
    #[error("the value of header `{0}` holds a line break or another control character")]
    HeaderValue(String),
    /// A header that frames the body.
    #[error("header `{0}` is set by loadgen itself, from the body: leave it out")]
    Framing(String),
    /// The request cannot be signed.
    #[error("the request cannot be signed: {0}")]
    Signing(String),
}

/// A request, put together but for what varies.
pub(in crate::engine) struct RequestTemplate {
    common: Rc<RequestCommon>,
    method: Method,
    /// Request line and header lines, up to the varying ones.
    head: Vec<u8>,
    /// The empty line and the body.
    tail: Bytes,
    /// The same for HTTP/2; None if the request is not sent by TLS or not allowed in HTTP/2.
    http2: Option<Http2Template>,
}

/// What all requests of a name have in common.
struct RequestCommon {
    target: Address,
    /// The header lines that are always the same.
    lines: Vec<u8>,
    close: bool,
    /// The fault key's header line, which only requests with a fault carry.
    fault_key: Vec<u8>,
    front: Front,
    expected_status: Vec<u16>,
    timeout: Duration,
    wanted: WantedParts,
    signer: Option<RefCell<SignatureCache>>,
    priority: Option<SamplingPriority>,
}

/// What a request template is made of.
pub(in crate::engine) struct TemplateParts<'a> {
    pub target: &'a Address,
    pub request: &'a RequestSpec,
    pub run_id: Option<&'a str>,
    pub fault_key: Option<&'a str>,
    pub priority: Option<SamplingPriority>,
    /// Whether every request opens a new connection.
    pub close: bool,
}

impl<'a> TemplateParts<'a> {
    /// From a job's request, without run id, faults and traces.
    pub fn of(target: &'a Address, request: &'a RequestSpec, close: bool) -> TemplateParts<'a> {
        TemplateParts {
            target,
            request,
            run_id: None,
            fault_key: None,
            priority: None,
            close,
        }
    }
}

/// Header fields that differ from request to request.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct VaryingFields<'a> {
    pub trace: Option<&'a TraceContext>,
    pub fault: Option<&'a Fault>,
}

impl RequestTemplate {
    /// Checks and assembles a request. A header that the user sets replaces loadgen's of that name;
    /// any of the trace headers replaces all of them.
    pub fn new(parts: TemplateParts<'_>) -> Result<RequestTemplate, RequestError> {
        let RequestSpec { body, signer, .. } = parts.request;
        let method = method(&parts.request.method)?;
        let host = match (parts.request.own_host(), &parts.request.host) {
            (Some(host), _) => host.to_owned(),
            (None, Some(host)) => host.clone(),
            (None, None) => parts.target.authority(),
        };
        let lines = common_lines(&parts, &host)?;
        let mut key = HeaderLines::default();
        if let Some(fault_key) = parts.fault_key {
            key.add_default(HeaderName::from_static(FAULT_KEY_HEADER), fault_key)?;
        }
        let path = parts.target.path_and_query();
        let has_trace = |name: &HeaderName| trace::HEADERS.contains(&name.as_str());
        let own_trace = lines.names.iter().any(has_trace);
        let signer = signer.as_ref().map(SignatureCache::new).transpose()?;
        let common = RequestCommon {
            target: parts.target.clone(),
            lines: lines.bytes,
            close: parts.close,
            fault_key: key.bytes,
            front: Front::of_address(&host, &path),
            expected_status: parts.request.expected_status.clone(),
            timeout: parts.request.timeout,
            wanted: parts.request.wanted,
            signer: signer.map(RefCell::new),
            priority: parts.priority.filter(|_| !own_trace),
        };
        Ok(RequestTemplate::assembled(
            Rc::new(common),
            method,
            &path,
            &[],
            body,
        ))
    }

    fn assembled(
        common: Rc<RequestCommon>,
        method: Method,
        path: &str,
        lines: &[u8],
        body: &[u8],
    ) -> RequestTemplate {
        let mut head = Vec::with_capacity(common.lines.len() + lines.len() + path.len() + 64);
        // Writing to a Vec cannot fail.
        let _ = write!(head, "{method} {path} HTTP/1.1\r\n");
        let start = head.len();
        head.extend_from_slice(&common.lines);
        head.extend_from_slice(lines);
        if !body.is_empty() || matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            let _ = write!(head, "{}: {}\r\n", header::CONTENT_LENGTH, body.len());
        }
        let tail = Bytes::from([b"\r\n", body].concat());
        let http2 = match common.target.is_https() {
            true => {
                Http2Template::new(&method, path, &head[start..], common.close, tail.slice(2..))
            }
            false => None,
        };
        RequestTemplate {
            head,
            tail,
            http2,
            method,
            common,
        }
    }

    /// The same request with what differs of it.
    pub fn rendered(&self, differs: RenderedRequest) -> RequestTemplate {
        let RenderedRequest { path, lines, body } = differs;
        let common = Rc::clone(&self.common);
        RequestTemplate::assembled(common, self.method.clone(), &path, &lines, &body)
    }

    /// What follows where this request is redirected: for 307 and 308 the same request, else a GET (RFC
    /// 9110, section 15.4). None where that is of another origin.
    pub fn redirected(
        &self,
        status: u16,
        location: &str,
        same: RenderedRequest,
    ) -> Option<RequestTemplate> {
        let from = str::from_utf8(&self.head).ok()?.split(' ').nth(1)?;
        let path = self.common.target.redirected(from, location)?;
        let (method, body) = match status {
            307 | 308 => (self.method.clone(), same.body),
            _ => (Method::GET, Vec::new()),
        };
        let common = Rc::clone(&self.common);
        Some(RequestTemplate::assembled(
            common,
            method,
            &path,
            &same.lines,
            &body,
        ))
    }

    /// Whether the method is HEAD, whose responses have no body.
    pub fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// Whether sending it twice has the effect of sending it once, by its method.
    pub fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }

    /// The kind of API that the host's name shows.
    pub fn front(&self) -> Front {
        self.common.front
    }

    /// The statuses that count as success; empty: those of 2xx.
    pub fn expected_status(&self) -> &[u16] {
        &self.common.expected_status
    }

    /// How long a request may take until its full response.
    pub fn timeout(&self) -> Duration {
        self.common.timeout
    }

    /// What is kept of its response.
    pub fn wanted(&self) -> WantedParts {
        self.common.wanted
    }

    /// Whether requests carry a trace context of loadgen's.
    pub fn is_traced(&self) -> bool {
        self.common.priority.is_some()
    }

    /// The request for HTTP/2, if that can be offered.
    pub fn http2(&self) -> Option<&Http2Template> {
        self.http2.as_ref()
    }

    /// Appends one request.
    pub fn write(&self, fields: VaryingFields<'_>, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.head);
        self.write_varying(fields, into);
        into.extend_from_slice(&self.tail);
    }

    /// Appends the header lines that only this request has.
    pub fn write_varying(&self, fields: VaryingFields<'_>, into: &mut Vec<u8>) {
        if let (Some(trace), Some(priority)) = (fields.trace, self.common.priority) {
            trace.write(priority, into);
        }
        if let Some(fault) = fields.fault {
            // Writing to a Vec cannot fail.
            let _ = write!(into, "{FAULT_HEADER}: {fault}\r\n");
            into.extend_from_slice(&self.common.fault_key);
        }
        if let Some(signer) = &self.common.signer {
            signer.borrow_mut().write(into);
        }
    }
}

/// A signer's header lines. Apart from the time in seconds, a signature contains nothing that
/// differs between requests, so it is computed once a second.
struct SignatureCache {
    signer: Signer,
    second: u64,
    lines: Vec<u8>,
}

impl SignatureCache {
    fn new(signer: &Signer) -> Result<SignatureCache, RequestError> {
        let mut cache = SignatureCache {
            signer: signer.clone(),
            second: 0,
            lines: Vec::new(),
        };
        cache.sign(SystemTime::now())?;
        Ok(cache)
    }

    fn sign(&mut self, now: SystemTime) -> Result<(), RequestError> {
        let second = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        if second == self.second {
            return Ok(());
        }
        let headers = self.signer.headers(now).map_err(RequestError::Signing)?;
        let mut lines = HeaderLines::default();
        for (name, value) in headers {
            lines.add_users(&name, &value)?;
        }
        (self.lines, self.second) = (lines.bytes, second);
        Ok(())
    }

    fn write(&mut self, into: &mut Vec<u8>) {
        // After the first signature no other should fail. If one does, the last one is kept, and the
        // server rejects it once it is too old.
        let _ = self.sign(SystemTime::now());
        into.extend_from_slice(&self.lines);
    }
}

fn method(name: &str) -> Result<Method, RequestError> {
    match Method::from_bytes(name.as_bytes()) {
        Ok(method) if method != Method::CONNECT => Ok(method),
        _ => Err(RequestError::Method(name.chars().take(40).collect())),
    }
}

/// The header lines that all requests of a run have: the user's, then loadgen's.
fn common_lines(parts: &TemplateParts<'_>, host: &str) -> Result<HeaderLines, RequestError> {
    let RequestSpec {
        headers, varying, ..
    } = parts.request;
    let mut lines = HeaderLines::default();
    for (name, value) in headers {
        lines.add_users(name, value)?;
    }
    for name in varying {
        lines.known(name)?;
    }
    lines.add_default(header::HOST, host)?;
    let agent = concat!("loadgen/", env!("CARGO_PKG_VERSION"));
    lines.add_default(header::USER_AGENT, agent)?;
    lines.add_default(header::ACCEPT, "*/*")?;
    if let Some(run_id) = parts.run_id {
        lines.add_default(HeaderName::from_static(RUN_HEADER), run_id)?;
    }
    if parts.close {
        lines.add_default(header::CONNECTION, "close")?;
    }
    Ok(lines)
}

/// Header lines under construction.
#[derive(Default)]
struct HeaderLines {
    names: Vec<HeaderName>,
    bytes: Vec<u8>,
}

impl HeaderLines {
    fn add_users(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        self.known(name)?;
        self.push(name, value)
    }

    /// Notes a name that the user sets.
    fn known(&mut self, name: &str) -> Result<(), RequestError> {
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| RequestError::HeaderName(name.chars().take(80).collect()))?;
        if known == header::CONTENT_LENGTH || known == header::TRANSFER_ENCODING {
            return Err(RequestError::Framing(known.to_string()));
        }
        self.names.push(known);
        Ok(())
    }

    fn add_default(&mut self, name: HeaderName, value: &str) -> Result<(), RequestError> {
        if self.names.contains(&name) {
            return Ok(());
        }
        self.push(name.as_str(), value)
    }

    /// The name leaves with the capitals that it was typed with.
    fn push(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| RequestError::HeaderValue(name.to_string()))?;
        for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            self.bytes.extend_from_slice(part);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_forward_or_back_is_signed_by_as_it_stands() {
        let signer = Signer::new(|at| {
            let seconds = at.duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
            Ok(vec![("x-date".to_owned(), seconds.as_secs().to_string())])
        });
        let mut cache = SignatureCache::new(&signer).expect("headers");
        for seconds in [50_000, 68_000, 32_000, 32_000, 50_000] {
            cache
                .sign(UNIX_EPOCH + Duration::from_secs(seconds))
                .expect("headers");
            let line = format!("x-date: {seconds}\r\n");
            assert_eq!(String::from_utf8_lossy(&cache.lines), line);
        }
    }
}
