//! How a run ended, in one sentence: the same in every report.

use super::text::Look;
use crate::{
    insight::Id,
    lang::{Speaker, current},
    record::{Overall, Run},
    verify,
};

/// How the run ended, in a sentence, and how it looks. The tick belongs to `met` alone.
pub fn sentence(
    run: &Run,
    insight: &dyn Fn(Id) -> String,
    function: &dyn Fn(&str) -> String,
) -> (Look, String) {
    let look = match run.verdict {
        _ if run.aborted.is_some() => Look::Bad,
        Overall::Missed => Look::Bad,
        _ if run.interrupted => Look::Caution,
        Overall::Met => Look::Good,
        Overall::NotVerified => Look::Dim,
    };
    let by_key = |key: &str| key.parse().map_or_else(|_| key.to_owned(), insight);
    let speaker = Speaker {
        lang: current(),
        insight: &by_key,
        function,
    };
    (look, verify::sentence(run, &speaker))
}
