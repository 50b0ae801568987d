//! Parsing a response's head: what of it the engine keeps.

use std::mem::MaybeUninit;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;

use super::{
    bad_response::{BadResponse, HeadLine},
    lenient::{LINE_LIMIT, LenientHead},
};
use crate::{
    control::{COLD_START_HEADER, ENVIRONMENT_ID_HEADER, INIT_AGE_HEADER, REQUEST_ID_HEADER},
    flow::{KeptAnswer, WantedParts},
    lambda::{LogLine, ReportLine, xray_root},
    sample::{Front, Initialisation},
};

/// The most header lines of a head that is read at once; one with more is read line by line.
const HEADER_LIMIT: usize = 128;
/// Ids are UUIDs or a little longer; anything longer than this is not an id.
const ID_LIMIT: usize = 64;

/// A response without its body.
#[derive(Debug, Default)]
pub(in crate::engine) struct ResponseSummary {
    /// The HTTP status.
    pub status: u16,
    /// Bytes of the body, without framing.
    pub bytes: u64,
    /// Whether the connection can carry another request.
    pub keep_alive: bool,
    /// Whether it has a `Retry-After` header.
    pub retry_after: bool,
    /// Where a redirect leads to, as its `Location` says.
    pub location: Option<Box<str>>,
    /// What its headers say of the environment that served it.
    pub markers: Option<Box<Markers>>,
    /// What AWS's headers say of it.
    pub aws: Option<Box<AwsHeaders>>,
    /// The beginning of a response body with a refusal of AWS or a failure of a function.
    pub refusal: Vec<u8>,
    /// What a flow wants of it.
    pub kept: Option<Box<KeptAnswer>>,
}

/// How much is kept of the body of a refusal: more than any has.
const REFUSAL_LIMIT: usize = 1024;

impl ResponseSummary {
    /// Counts data of the body, and keeps what its flow wants and what says why AWS refused, or how the function failed.
    pub(in crate::engine) fn take_body(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.keep(data);
        }
        let refused = |aws: &AwsHeaders| aws.function_failed || aws.error_type.is_some();
        if self.aws.as_deref().is_some_and(refused) {
            let room = REFUSAL_LIMIT.saturating_sub(self.refusal.len());
            self.refusal.extend(data.iter().take(room));
        }
    }

    /// The head of an HTTP/2 response, and the length of its body if the head gives one.
    pub fn of_fields(
        status: u16,
        fields: &HeaderMap,
        wanted: WantedParts,
    ) -> Result<(ResponseSummary, Option<u64>), BadResponse> {
        if fields.len() > LINE_LIMIT {
            return Err(BadResponse::HeadTooLong(HeadLine::default()));
        }
        let fields = fields.iter();
        let parsed = HeaderFields::of(
            fields.map(|(name, value)| (name.as_str(), value.as_bytes())),
            wanted,
        )?;
        let response = ResponseSummary {
            status,
            keep_alive: true,
            ..parsed.response
        };
        Ok((response, parsed.length))
    }
}

/// The head of an HTTP/1.1 response.
pub(super) struct ResponseHead {
    /// How many bytes it has, including its empty line.
    pub length: usize,
    pub framing: BodyFraming,
    pub response: ResponseSummary,
}

/// AWS's headers in a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct AwsHeaders {
    /// The kind of API in front of the function: only an HTTP API sends `apigw-requestid`, only a
    /// REST API `x-amz-apigw-id`.
    pub front: Option<Front>,
    /// `x-amzn-requestid`
    pub request_id: Option<String>,
    /// The root of `x-amzn-trace-id`.
    pub xray_trace_id: Option<String>,
    /// Whether `x-amz-function-error` says that the function failed.
    pub function_failed: bool,
    /// `x-amzn-errortype`: the type of the error by which AWS refused.
    pub error_type: Option<String>,
    /// The published version that `x-amz-executed-version` names, which alone can have provisioned
    /// concurrency; None: `$LATEST`.
    pub version: Option<u64>,
    /// `x-amz-log-result`: the end of the function's log, up to 4 KB.
    pub log_tail: Option<String>,
}

impl AwsHeaders {
    fn read(aws: &mut Option<Box<AwsHeaders>>, name: &str, value: &[u8]) {
        let text = || str::from_utf8(value).ok().map(str::trim);
        if name.eq_ignore_ascii_case("apigw-requestid") {
            aws.get_or_insert_default().front = Some(Front::HttpApi);
        } else if name.eq_ignore_ascii_case("x-amz-apigw-id") {
            aws.get_or_insert_default().front = Some(Front::RestApi);
        } else if name.eq_ignore_ascii_case("x-amzn-requestid") {
            aws.get_or_insert_default().request_id = text().and_then(id);
        } else if name.eq_ignore_ascii_case("x-amzn-trace-id") {
            let root = text().and_then(xray_root).and_then(id);
            aws.get_or_insert_default().xray_trace_id = root;
        } else if name.eq_ignore_ascii_case("x-amz-function-error") {
            aws.get_or_insert_default().function_failed = true;
        } else if name.eq_ignore_ascii_case("x-amzn-errortype") {
            let kind = text().and_then(|text| text.split(':').next()).and_then(id);
            aws.get_or_insert_default().error_type = kind;
        } else if name.eq_ignore_ascii_case("x-amz-executed-version") {
            let version = text().and_then(|version| version.parse().ok());
            aws.get_or_insert_default().version = version;
        } else if name.eq_ignore_ascii_case("x-amz-log-result") {
            let tail = text().and_then(|text| STANDARD.decode(text).ok());
            let tail = tail.map(|tail| String::from_utf8_lossy(&tail).into_owned());
            aws.get_or_insert_default().log_tail = tail;
        }
    }

    /// What the log's tail says of this very request: its REPORT line, and how its environment came
    /// to be if that was not there before. None if the tail has no such line: the extension's lines
    /// push it out, logging is off, or the tail is another request's.
    pub fn report(&self) -> Option<(ReportLine, Option<Initialisation>)> {
        let id = self.request_id.as_deref()?;
        let mut again = false;
        for line in self.log_tail.as_deref()?.lines().filter_map(LogLine::parse) {
            match line {
                LogLine::InitReport { in_invocation, .. } => again |= in_invocation,
                LogLine::Report(report) if report.request_id == id => {
                    let initialised = match &report {
                        line if line.restore_ms.is_some() => Some(Initialisation::Restored),
                        _ if again => Some(Initialisation::OnDemand),
                        line if self.version.is_some() && line.is_initialised_ahead() => {
                            Some(Initialisation::Ahead)
                        }
                        line => (line.init_ms.is_some()).then_some(Initialisation::OnDemand),
                    };
                    return Some((report, initialised));
                }
                _ => {}
            }
        }
        None
    }
}

/// How the body's end is found (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFraming {
    Length(u64),
    Chunked,
    UntilClose,
}

/// The sample app's headers about the environment that served the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Markers {
    /// Whether the environment was initialised for this request.
    pub cold: Option<bool>,
    /// Lambda's request id.
    pub request_id: Option<String>,
    /// Its id.
    pub environment_id: Option<String>,
    /// Milliseconds since its initialisation.
    pub init_age_ms: Option<u64>,
}

impl Markers {
    /// Reads a header if it is a marker. An invalid marker counts as absent, because markers are
    /// evidence.
    fn read(markers: &mut Option<Box<Markers>>, name: &str, value: &[u8]) {
        const PREFIX: &str = "x-loadgen-";
        if !name
            .get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        {
            return;
        }
        let Ok(value) = str::from_utf8(value) else {
            return;
        };
        let value = value.trim();
        let markers = markers.get_or_insert_default();
        if name.eq_ignore_ascii_case(COLD_START_HEADER) {
            markers.cold = value.parse().ok();
        } else if name.eq_ignore_ascii_case(REQUEST_ID_HEADER) {
            markers.request_id = id(value);
        } else if name.eq_ignore_ascii_case(ENVIRONMENT_ID_HEADER) {
            markers.environment_id = id(value);
        } else if name.eq_ignore_ascii_case(INIT_AGE_HEADER) {
            markers.init_age_ms = value.parse().ok();
        }
    }
}

fn id(value: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let valid = (1..=ID_LIMIT).contains(&value.len()) && value.bytes().all(plain);
    valid.then(|| value.to_owned())
}

impl ResponseHead {
    /// Parses a head from the start of `bytes`; None while it is not complete.
    pub fn parse(
        bytes: &[u8],
        asked_head: bool,
        wanted: WantedParts,
    ) -> Result<Option<ResponseHead>, BadResponse> {
        let mut headers = [const { MaybeUninit::uninit() }; HEADER_LIMIT];
        let mut response = httparse::Response::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            bytes,
            &mut headers,
        );
        let length = match parsed {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return ResponseHead::parse_leniently(bytes, asked_head, wanted),
        };
        let (Some(status), Some(version)) = (response.code, response.version) else {
            return Err(BadResponse::NotHttp);
        };
        let headers = response.headers.iter();
        let fields = HeaderFields::of(headers.map(|header| (header.name, header.value)), wanted)?;
        Ok(Some(ResponseHead::new(
            length,
            status,
            version == 0,
            fields,
            asked_head,
        )))
    }

    fn parse_leniently(
        bytes: &[u8],
        asked_head: bool,
        wanted: WantedParts,
    ) -> Result<Option<ResponseHead>, BadResponse> {
        let Some(head) = LenientHead::parse(bytes)? else {
            return Ok(None);
        };
        let fields = head.fields.iter();
        let fields = HeaderFields::of(fields.map(|(name, value)| (*name, value.as_ref())), wanted)?;
        Ok(Some(ResponseHead::new(
            head.length,
            head.status,
            head.is_http10,
            fields,
            asked_head,
        )))
    }

    fn new(
        length: usize,
        status: u16,
        is_http10: bool,
        fields: HeaderFields,
        asked_head: bool,
    ) -> ResponseHead {
        let bodiless = asked_head || matches!(status, 100..200 | 204 | 304);
        let framing = match (bodiless, fields.coding, fields.length) {
            (true, _, _) => BodyFraming::Length(0),
            (false, Some(TransferCoding::Chunked), _) => BodyFraming::Chunked,
            (false, Some(TransferCoding::Other), _) | (false, None, None) => {
                BodyFraming::UntilClose
            }
            (false, None, Some(length)) => BodyFraming::Length(length),
        };
        // With two framing headers, client and server may see different ends: do not reuse the
        // connection.
        let unambiguous = fields.coding.is_none() || fields.length.is_none();
        let kept = match is_http10 {
            true => fields.keep_alive,
            false => !fields.close,
        };
        let response = ResponseSummary {
            status,
            keep_alive: kept && unambiguous && framing != BodyFraming::UntilClose,
            ..fields.response
        };
        ResponseHead {
            length,
            framing,
            response,
        }
    }
}

#[derive(Clone, Copy)]
enum TransferCoding {
    Chunked,
    Other,
}

/// The headers that matter.
#[derive(Default)]
struct HeaderFields {
    length: Option<u64>,
    coding: Option<TransferCoding>,
    close: bool,
    keep_alive: bool,
    /// What the fields say of the response itself.
    response: ResponseSummary,
}

impl HeaderFields {
    /// From names and values.
    fn of<'a>(
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
        wanted: WantedParts,
    ) -> Result<HeaderFields, BadResponse> {
        let mut fields = HeaderFields::default();
        fields.response.kept = wanted.any().then(Box::default);
        for (name, value) in headers {
            if let Some(kept) = fields.response.kept.as_mut().filter(|_| wanted.headers) {
                kept.headers.push((name.into(), value.into()));
            }
            fields.read(name, value)?;
        }
        Ok(fields)
    }

    fn read(&mut self, name: &str, value: &[u8]) -> Result<(), BadResponse> {
        // The length of the name rules out most of them.
        match name.len() {
            14 if name.eq_ignore_ascii_case("content-length") => {
                for part in tokens(value) {
                    let length = number(part).ok_or(BadResponse::Length)?;
                    if self.length.is_some_and(|before| before != length) {
                        return Err(BadResponse::Length);
                    }
                    self.length = Some(length);
                }
                if self.length.is_none() {
                    return Err(BadResponse::Length);
                }
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                for part in tokens(value) {
                    self.coding = Some(if part.eq_ignore_ascii_case(b"chunked") {
                        TransferCoding::Chunked
                    } else {
                        TransferCoding::Other
                    });
                }
            }
            10 if name.eq_ignore_ascii_case("connection") => {
                for part in tokens(value) {
                    self.close |= part.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= part.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            11 if name.eq_ignore_ascii_case("retry-after") => self.response.retry_after = true,
            8 if name.eq_ignore_ascii_case("location") => {
                self.response.location = str::from_utf8(value).ok().map(Box::from);
            }
            14..=16 => AwsHeaders::read(&mut self.response.aws, name, value),
            17.. => {
                AwsHeaders::read(&mut self.response.aws, name, value);
                Markers::read(&mut self.response.markers, name, value);
            }
            _ => {}
        }
        Ok(())
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// Digits only: `parse` alone would accept a sign.
fn number(digits: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(digits).ok()?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(tail: &str, encoded: bool, version: &str) -> Option<Option<Initialisation>> {
        let tail = match encoded {
            true => STANDARD.encode(tail),
            false => tail.to_owned(),
        };
        let mut aws = None;
        AwsHeaders::read(&mut aws, "x-amzn-RequestId", b"mine");
        AwsHeaders::read(&mut aws, "X-Amz-Executed-Version", version.as_bytes());
        AwsHeaders::read(&mut aws, "X-Amz-Log-Result", tail.as_bytes());
        let report = aws.expect("headers of AWS").report();
        report.map(|(_, initialised)| initialised)
    }

    #[test]
    fn only_the_requests_own_report_line_says_whether_it_was_cold() {
        let warm = "REPORT RequestId: mine\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 77 MB\t";
        let cold = format!("{warm}Init Duration: 180.22 ms\t");
        let restored = format!("{warm}Restore Duration: 80.22 ms\tBilled Restore Duration: 9 ms\t");
        let json = r#"{"time":"2026-11-29T09:00:00.000Z","type":"platform.report","record":{"requestId":"mine","status":"success","metrics":{"durationMs":3.1,"billedDurationMs":4,"memorySizeMB":512,"maxMemoryUsedMB":77,"initDurationMs":180.2}}}"#;
        let on_demand = Some(Some(Initialisation::OnDemand));
        for (tail, known) in [
            (format!("START RequestId: mine\n{warm}\n"), Some(None)),
            (format!("END RequestId: mine\n{cold}\n"), on_demand),
            (restored, Some(Some(Initialisation::Restored))),
            (json.to_owned(), on_demand),
            (
                format!(
                    "INIT_REPORT Init Duration: 1.0 ms\tPhase: invoke\tStatus: success\n{warm}"
                ),
                on_demand,
            ),
            (cold.replace("mine", "another"), None),
            (cold[12..].to_owned(), None),
            ("the extension's lines and nothing else".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(said(&tail, true, "$LATEST"), known, "{tail}");
        }
        assert_eq!(said(&cold, false, "$LATEST"), None);
        // Only a published version can have provisioned concurrency, whose init is not billed.
        assert_eq!(said(&cold, true, "7"), Some(Some(Initialisation::Ahead)));
        let billed = cold.replace("Billed Duration: 4", "Billed Duration: 184");
        assert_eq!(said(&billed, true, "7"), on_demand);
    }
}
