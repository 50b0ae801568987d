//! One visit of a page: what was asked for, in which language and time range, and links that keep
//! both.

use http::{HeaderMap, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{PagesState, RunMark, range::PageRange};
use crate::{
    lang::{Lang, Text},
    server,
};

/// Everything but what a URL takes as it is (RFC 3986, "unreserved", and `:` as in Datadog's own
/// paths of functions).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':');

/// One request for a page.
pub(super) struct Visit {
    /// What the pages show.
    pub(super) state: PagesState,
    /// The language to answer in.
    pub(super) lang: Lang,
    /// The language that this request chooses, to be remembered.
    pub(super) chosen: Option<Lang>,
    /// The time range that drives the page.
    pub(super) range: PageRange,
    /// The runs that are known, the latest last.
    pub(super) runs: Vec<RunMark>,
    /// The path as it came.
    path: String,
    params: Vec<(String, String)>,
}

impl Visit {
    /// Reads a request's address. Parameters that mean nothing here are kept in no link.
    pub(super) fn new(
        state: PagesState,
        uri: &Uri,
        headers: &HeaderMap,
        data: Option<(i64, i64)>,
    ) -> Visit {
        let params: Vec<(String, String)> =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
                .map(|query| query.0)
                .unwrap_or_default();
        let get = |key: &str| {
            params
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, value)| value.as_str())
        };
        let chosen = get("lang").and_then(|lang| lang.parse().ok());
        let lang = chosen
            .or_else(|| server::language_of(headers))
            .unwrap_or(state.settings.lang);
        let (now_ms, runs) = ((state.now_ms)(), (state.runs)());
        let run_ms = runs.last().map(|run| run.began_ms);
        let range = PageRange::asked(get, now_ms, data, state.settings.last, run_ms);
        Visit {
            lang,
            chosen,
            range,
            runs,
            path: uri.path().to_owned(),
            params,
            state,
        }
    }

    /// The first value of a parameter, if it was given and is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.given()
            .find_map(|(k, value)| (k == key).then_some(value))
    }

    /// The parameters that have a value.
    fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self
            .params
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        all.filter(|(_, value)| !value.is_empty())
    }

    /// All values of a parameter.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.given()
            .filter_map(move |(k, value)| (k == key).then_some(value))
    }

    /// The page's own path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What follows `prefix` in the path, with its escapes read.
    pub(super) fn tail(&self, prefix: &str) -> String {
        let tail = self.path.strip_prefix(prefix).unwrap_or_default();
        percent_decode_str(tail).decode_utf8_lossy().into_owned()
    }

    /// A text in the visit's language.
    pub(super) fn text(&self, text: Text) -> &'static str {
        text.to(self.lang)
    }

    /// What every link keeps: language and time range, if they are not the default.
    pub(super) fn kept(&self) -> Vec<(&str, &str)> {
        self.params
            .iter()
            .filter(|(key, _)| key == "lang" || PageRange::PARAMS.contains(&key.as_str()))
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }

    /// A link to a page with parameters of its own.
    pub(super) fn link(&self, path: &str, params: &[(&str, &str)]) -> String {
        address(path, params.iter().copied().chain(self.kept()))
    }

    /// A link that keeps nothing of this visit: to another time range.
    pub(super) fn bare(&self, path: &str, params: &[(&str, &str)]) -> String {
        address(path, params.iter().copied())
    }

    /// A link to this page with some parameters changed; None removes one. Paging restarts.
    pub(super) fn with(&self, changed: &[(&str, Option<&str>)]) -> String {
        let anew = [changed, &[("after", None)]].concat();
        self.here(&anew)
    }

    /// The same, at the same place of paging.
    pub(super) fn here(&self, changed: &[(&str, Option<&str>)]) -> String {
        let stays = (self.given()).filter(|(key, _)| !changed.iter().any(|(k, _)| k == key));
        let new = changed
            .iter()
            .filter_map(|(key, value)| Some((*key, (*value)?)));
        address(&self.path, stays.chain(new))
    }

    /// A link to this page in another time range.
    pub(super) fn in_range(&self, range: &[(&str, &str)]) -> String {
        let mut changed: Vec<(&str, Option<&str>)> =
            PageRange::PARAMS.iter().map(|key| (*key, None)).collect();
        for (key, value) in range {
            changed.retain(|(k, _)| k != key);
            changed.push((key, Some(value)));
        }
        self.with(&changed)
    }

    /// This page's parameters but `without`, as hidden fields of a form need them.
    pub(super) fn fields(&self, without: &[&str]) -> Vec<(&str, &str)> {
        let kept = |(key, _): &(&str, &str)| *key != "after" && !without.contains(key);
        self.given().filter(kept).collect()
    }
}

/// A path segment, escaped.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn address<'a>(path: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    for (place, (key, value)) in params.enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(&segment(key));
        address.push('=');
        address.push_str(&segment(value));
    }
    address
}
