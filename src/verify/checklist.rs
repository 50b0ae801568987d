//! What a person can look at where no keys are.

use super::{Subject, judge};
use crate::{datadog::Links, insight::Id, record::Demand};

/// An Insight to check by hand, where no keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualCheck {
    /// The Insight that is in question.
    pub id: Id,
    /// The function.
    pub function: String,
    /// Whether it must appear there, or must not.
    pub must_appear: bool,
    /// When it appears, in words.
    pub when: &'static str,
    /// The function in the Serverless View.
    pub link: String,
    /// The metrics behind it: query and link.
    pub metrics: Vec<(String, String)>,
}

/// What to look at for each Insight that was demanded by name.
pub fn checklist(subject: &Subject, links: &Links) -> Vec<ManualCheck> {
    let views: Vec<_> = subject.functions.iter().map(|f| f.view.clone()).collect();
    let (from, to) = subject.range();
    judge(&subject.expect, &views)
        .into_iter()
        .filter_map(|finding| {
            let must_appear = match finding.expected? {
                Demand::Present => true,
                Demand::Absent => false,
                Demand::Others => return None,
            };
            let insight = finding.id.insight();
            let metrics = insight
                .condition
                .quantities()
                .into_iter()
                .filter_map(|quantity| {
                    let (_, query) = quantity.query(&finding.function)?;
                    let link = links.metric(quantity.metric()?, &finding.function, from, to);
                    Some((query, link))
                })
                .collect();
            Some(ManualCheck {
                id: finding.id,
                must_appear,
                when: insight.when.en,
                link: links.functions(&finding.function),
                metrics,
                function: finding.function,
            })
        })
        .collect()
}
