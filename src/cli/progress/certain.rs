//! Which Insights are already certain during a run: those that no open request can change.

use crate::{
    insight::{Band, ClientView, Condition, Id, Observation, Quantity},
    lang::{Statement, Value, texts},
    record::{Demand, Verdict},
    sample::Sample,
    scenario::Expect,
    verify::{self, View},
};

texts! {
    const;
    any_number(of: Statement): "any number of {}", "제한 없는 {}";
    most_in_least(most: Value, least: Statement): "at most {} in at least {}", "최소 {1} 대비 최대 {0}";
    least_in_most(least: Statement, most: Value): "at least {} in at most {}", "최대 {1} 대비 최소 {0}";
    at_most(most: Value): "at most {}", "최대 {}";
    at_least(least: Statement): "at least {}", "최소 {}";
}

/// Watches the entry function for the Insights that were demanded.
#[derive(Clone, Debug)]
pub struct Watch {
    view: ClientView,
    expect: Expect,
    told: Vec<Id>,
}

/// The state of one Insight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The Insight.
    pub id: Id,
    /// Its state.
    pub standing: Standing,
    /// Its arithmetic, in words.
    pub why: String,
}

/// The state of an Insight during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Expected, and its condition is met whatever else happens.
    Certain,
    /// Expected, and no open request can meet its condition any more.
    Lost,
    /// Forbidden, and its condition is met whatever else happens.
    Unwanted,
    /// Expected, and still open.
    Open,
}

impl Watch {
    /// Watches the function that `view` is of, for what `expect` demands of it.
    pub fn new(view: ClientView, expect: Expect) -> Watch {
        Watch {
            view,
            expect,
            told: Vec::new(),
        }
    }

    /// Takes in a completed request.
    pub fn add(&mut self, sample: &Sample) {
        self.view.add(sample);
    }

    /// The states of the demanded Insights while `open` requests are still open.
    pub fn outlook(&self, open: u64) -> Vec<Outlook> {
        let seen = self.view.observation_with_open(open);
        let view = View {
            client: Some(seen.clone()),
            ..View::of(&seen.function, true)
        };
        verify::judge(&self.expect, std::slice::from_ref(&view))
            .into_iter()
            .filter(|finding| finding.function == view.function)
            .filter_map(|finding| {
                let standing = match (finding.verdict, finding.expected) {
                    (Verdict::Seen, _) => Standing::Certain,
                    (Verdict::Missing, _) => Standing::Lost,
                    (Verdict::Unexpected, _) => Standing::Unwanted,
                    (_, Some(Demand::Present)) => Standing::Open,
                    _ => return None,
                };
                Some(Outlook {
                    id: finding.id,
                    standing,
                    why: why(&finding.id.insight().condition, &seen, standing),
                })
            })
            .collect()
    }

    /// The Insights that have become certain since the last call.
    pub fn news(&mut self, open: u64) -> Vec<Outlook> {
        let mut news = self.outlook(open);
        news.retain(|outlook| {
            outlook.standing != Standing::Open && !self.told.contains(&outlook.id)
        });
        self.told.extend(news.iter().map(|outlook| outlook.id));
        news
    }
}

/// The bound that decides: the minimum of one side against the maximum of the other, or the
/// reverse.
fn why(condition: &Condition, seen: &Observation, standing: Standing) -> String {
    let least = |quantity: Quantity| quantity.counted(Band::exactly(seen.get(quantity).low()));
    let most = |quantity: Quantity| match seen.get(quantity).high() {
        Some(high) => quantity.counted(Band::exactly(high)).into(),
        None => any_number(quantity.noun()).into(),
    };
    let phrase = match (*condition, standing) {
        (Condition::ShareAbove(of), Standing::Lost) => {
            most_in_least(most(of.part), least(of.whole))
        }
        (Condition::ShareAbove(of), _) => least_in_most(least(of.part), most(of.whole)),
        (Condition::AtLeastOne(quantity), Standing::Lost) => at_most(most(quantity)),
        (Condition::AtLeastOne(quantity), _) => at_least(least(quantity)),
        (condition, _) => return condition.read(seen).measured.to_string(),
    };
    phrase.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        insight::KnownSettings,
        sample::{Evidence, Temperature},
        scenario::Expected,
    };

    fn watch(insight: Id) -> Watch {
        let expect = Expect {
            insights: vec![Expected {
                insight,
                function: None,
            }],
            ..Expect::default()
        };
        Watch::new(ClientView::new("entry", KnownSettings::default()), expect)
    }

    fn answer(temperature: Temperature) -> Sample {
        Sample {
            temperature,
            evidence: Evidence::Marker,
            request_id: Some("id".to_owned()),
            ..Sample::answered()
        }
    }

    #[test]
    fn cold_starts_become_certain_once_no_warm_answer_can_dilute_them() {
        let mut watch = watch(Id::ColdStarts);
        watch.add(&answer(Temperature::Cold));
        // One in a hundred is not more than 1 %.
        assert_eq!(watch.outlook(99)[0].standing, Standing::Open);
        assert_eq!(
            watch.news(98),
            [Outlook {
                id: Id::ColdStarts,
                standing: Standing::Certain,
                why: "at least 1 cold start in at most 99 invocations".to_owned(),
            }]
        );
        assert_eq!(watch.news(97), [], "it is told once");
    }

    #[test]
    fn cold_starts_are_lost_once_too_few_requests_are_left() {
        let mut watch = watch(Id::ColdStarts);
        for _ in 0..200 {
            watch.add(&answer(Temperature::Warm));
        }
        assert_eq!(watch.outlook(3)[0].standing, Standing::Open);
        let outlook = watch.outlook(2);
        assert_eq!(outlook[0].standing, Standing::Lost);
        assert_eq!(
            outlook[0].why,
            "at most 2 cold starts in at least 200 invocations"
        );
    }
}
