//! How a run ended, in one sentence: the same in every report.

use super::{korean, text::Look};
use crate::{
    insight::Id,
    lang::Lang,
    record::{Overall, Run},
    verify::{self, Speaker},
};

/// How the run ended, in a sentence, and how it looks. The tick belongs to `met` alone.
pub fn sentence(
    run: &Run,
    lang: Lang,
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
    let aborted = run.aborted.as_deref().map(|why| korean::said(why, lang));
    let speaker = Speaker {
        lang,
        insight,
        function,
    };
    (look, verify::sentence(run, aborted.as_deref(), &speaker))
}
