//! What searches of spans and logs have in common: the request, the page, the next one.

use std::time::Instant;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::{ApiState, ErrorResponse, JsonAnswer, Params, cursor};
use crate::telemetry::{
    query::time,
    search::Query,
    store::{Cursor, EventSearch, SearchOrder, SearchPage, StoreError, StoreReader, Stored},
};

/// A search as it is written, in a body or in parameters.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchRequest {
    pub(super) filter: Filter,
    page: PageRequest,
    sort: Option<String>,
}

/// Which events, and when.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    query: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    from: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    to: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PageRequest {
    limit: Option<i64>,
    cursor: Option<String>,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

impl SearchRequest {
    pub(super) fn of_params(params: &Params) -> Result<SearchRequest, ErrorResponse> {
        let text = |name| params.get(name).map(str::to_owned);
        let limit = params.get("page[limit]").map(|limit| {
            limit
                .parse()
                .map_err(|_| ErrorResponse::bad_request(format!("Invalid page limit \"{limit}\"")))
        });
        Ok(SearchRequest {
            filter: Filter {
                query: text("filter[query]"),
                from: text("filter[from]"),
                to: text("filter[to]"),
            },
            page: PageRequest {
                limit: limit.transpose()?,
                cursor: text("page[cursor]"),
            },
            sort: text("sort"),
        })
    }
}

/// Spans or logs, as searches answer with them.
pub(super) trait SearchableEvent: Sized + 'static {
    /// Where they are listed.
    const PATH: &'static str;
    /// Whether an answer without finds has its `meta`.
    const EMPTY_HAS_META: bool;

    fn find(
        reader: &StoreReader,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Self>, StoreError>;

    fn at_ns(&self) -> i64;

    fn shown(stored: &Stored<Self>) -> Value;

    /// How a time range that ends before it begins is refused.
    fn refused(detail: &str) -> ErrorResponse;
}

/// A search that is written in the parameters.
pub(super) async fn list<E: SearchableEvent>(
    State(state): State<ApiState>,
    headers: HeaderMap,
    params: Params,
) -> JsonAnswer {
    answer::<E>(state, SearchRequest::of_params(&params)?, headers).await
}

pub(super) async fn answer<E: SearchableEvent>(
    state: ApiState,
    written: SearchRequest,
    headers: HeaderMap,
) -> JsonAnswer {
    let search = PageSearch::of(written, &state, E::refused)?;
    let answer = state
        .read(move |reader| {
            let page = E::find(reader, &search.search(), search.limit)?;
            let finds = page.items.iter().map(|stored| {
                let place = Cursor {
                    at_ns: stored.value.at_ns(),
                    id: stored.id,
                };
                (place, E::shown(stored))
            });
            Ok(search.answer::<E>(finds.collect(), page.left_at, &headers))
        })
        .await?;
    Ok(Json(answer))
}

/// The time range and the query of a search, read.
pub(super) struct ParsedFilter {
    pub(super) query: Query,
    text: String,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
}

impl Filter {
    /// Reads the request. `backwards` is the error of a `from` after `to`.
    pub(super) fn read(
        self,
        now_ms: i64,
        backwards: impl FnOnce(&str) -> ErrorResponse,
    ) -> Result<ParsedFilter, ErrorResponse> {
        let text = self.query.unwrap_or_else(|| "*".to_owned());
        let from_ms = time::parse(self.from.as_deref().unwrap_or("now-15m"), now_ms)?;
        let to_ms = time::parse(self.to.as_deref().unwrap_or("now"), now_ms)?;
        if from_ms > to_ms {
            return Err(backwards("'from' must be before 'to'"));
        }
        Ok(ParsedFilter {
            query: Query::parse(&text)?,
            text,
            from_ms,
            to_ms,
        })
    }
}

/// A search for one page, read and checked.
struct PageSearch {
    found: ParsedFilter,
    visible_ms: i64,
    order: SearchOrder,
    after: Option<Cursor>,
    limit: usize,
    began: Instant,
}

/// All but the unreserved characters (RFC 3986).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// How many finds make a page where nothing is asked for.
const USUAL_PAGE: i64 = 10;
/// How many finds a page has at most.
const LARGEST_PAGE: i64 = 1000;

impl PageSearch {
    fn of(
        written: SearchRequest,
        state: &ApiState,
        backwards: impl FnOnce(&str) -> ErrorResponse,
    ) -> Result<PageSearch, ErrorResponse> {
        let found = written.filter.read(state.now(), backwards)?;
        let order = match written.sort.as_deref() {
            None | Some("-timestamp") => SearchOrder::NewestFirst,
            Some("timestamp") => SearchOrder::OldestFirst,
            Some(other) => {
                return Err(ErrorResponse::bad_request(format!(
                    "Invalid sort \"{other}\": expected timestamp or -timestamp"
                )));
            }
        };
        let limit = written.page.limit.unwrap_or(USUAL_PAGE);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            return Err(ErrorResponse::bad_request(format!(
                "Invalid page limit {limit}: expected 1 to {LARGEST_PAGE}"
            )));
        }
        let after = match &written.page.cursor {
            None => None,
            Some(cursor) => Some(cursor::read(cursor, order, &found.text).ok_or_else(|| {
                ErrorResponse::bad_request("Invalid page cursor: it is not one of this search")
            })?),
        };
        Ok(PageSearch {
            found,
            visible_ms: state.visible_ms(),
            order,
            after,
            limit: limit as usize,
            began: Instant::now(),
        })
    }

    fn search(&self) -> EventSearch<'_> {
        EventSearch {
            query: &self.found.query,
            from_ms: self.found.from_ms,
            to_ms: self.found.to_ms.min(self.visible_ms.saturating_sub(1)),
            order: self.order,
            after: self.after,
        }
    }

    /// The answer: as the real one, a full page is followed by another, if only an empty one. A search that was given up at `left_at` has the
    /// status of one that ran out of time, and a cursor from there on.
    fn answer<E: SearchableEvent>(
        &self,
        finds: Vec<(Cursor, Value)>,
        left_at: Option<Cursor>,
        headers: &HeaderMap,
    ) -> Value {
        let full = finds.len() == self.limit;
        let last = finds.last().map(|(place, _)| *place);
        if last.or(left_at).is_none() && !E::EMPTY_HAS_META {
            return json!({"data": []});
        }
        let after = left_at.or(last.filter(|_| full));
        let after = after.map(|place| cursor::written(place, self.order, &self.found.text));
        let data: Vec<Value> = finds.into_iter().map(|(_, find)| find).collect();
        let mut meta = meta(self.began);
        if left_at.is_some() {
            meta["status"] = json!("timeout");
            meta["warnings"] = json!([{
                "code": "partial_result",
                "title": "Not everything was searched",
                "detail": "The page looked at 50,000 events. The rest is searched from its cursor on. \
                           A shorter time range, a trace id, a request id, status:error, or an operation \
                           with its functionname need fewer.",
            }]);
        }
        let mut answer = Map::from_iter([("data".to_owned(), Value::Array(data))]);
        if let Some(after) = after {
            meta["page"] = json!({"after": after});
            let next = self.next_link(&after, E::PATH, headers);
            answer.insert("links".to_owned(), json!({"next": next}));
        }
        answer.insert("meta".to_owned(), meta);
        Value::Object(answer)
    }

    fn next_link(&self, after: &str, path: &str, headers: &HeaderMap) -> String {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let sort = match self.order {
            SearchOrder::OldestFirst => "timestamp",
            SearchOrder::NewestFirst => "-timestamp",
        };
        let pairs = [
            ("filter[query]", self.found.text.clone()),
            ("filter[from]", self.found.from_ms.to_string()),
            ("filter[to]", self.found.to_ms.to_string()),
            ("sort", sort.to_owned()),
            ("page[limit]", self.limit.to_string()),
            ("page[cursor]", after.to_owned()),
        ];
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(key, value)| format!("{}={}", encoded(key), encoded(value)))
            .collect();
        format!(
            "http://{}{path}?{}",
            host.unwrap_or("127.0.0.1"),
            pairs.join("&")
        )
    }
}

/// `meta` of an answer that began to be made at `began`.
pub(super) fn meta(began: Instant) -> Value {
    let elapsed = began.elapsed();
    json!({
        "elapsed": elapsed.as_millis() as u64,
        "request_id": format!("sandbox-{:x}", elapsed.as_nanos()),
        "status": "done",
    })
}
