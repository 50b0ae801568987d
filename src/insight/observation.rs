//! What is known of one function over one time range.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Band, Quantity};
use crate::lang::{Lang, Text, texts};

texts! {
    /// What is said of what is not known, or may be otherwise.
    pub(super) const TEXTS;
    SANDBOX: "the sandbox", "샌드박스";
    LOG: "the log", "로그";
    DATADOG: "Datadog", "Datadog";
    MISSING: "{} has {} of the {} invocations that ran, so more may come",
        "실행된 호출 {2}회 중 {1}회만 {0}에 있으므로 더 들어올 수 있음";
    FOREIGN: "{} has {} invocations and this run caused at most {}: other traffic shares the time range",
        "{}에 호출 {}회가 있지만 이 실행이 일으킨 호출은 최대 {}회이므로 같은 시간 범위에 다른 트래픽이 섞여 있음";
    UNCOUNTED: "how many invocations {} should have is not known, so some may be missing",
        "{}에 호출이 몇 회 있어야 하는지 알 수 없으므로 일부가 빠졌을 수 있음";
    NOT_SET: "the function's {} is not known", "함수의 {} 설정을 알 수 없음";
    NOT_PLANNED: "a plan cannot foretell the {}", "계획으로 예측할 수 없는 값: {}";
    WITH_EXTENSIONS: "the reported duration includes what extensions do after the response, which a client does not see",
        "보고된 기간에는 확장 프로그램이 응답 후에 하는 작업도 포함되며 클라이언트에는 보이지 않음";
    NOT_ANSWERED: "a client does not see the {}", "클라이언트에 보이지 않는 값: {}";
    NOT_IN_SANDBOX: "the sandbox has no data on the {}", "샌드박스에 데이터가 없는 값: {}";
    LATE: "Datadog has no data on the {} yet: it comes from CloudWatch through the AWS integration, 10 to 20 minutes late (2 to 3 with Metric Streams)",
        "아직 Datadog에 데이터가 없는 값: {}. AWS 통합을 통해 CloudWatch에서 10~20분 늦게 들어옴(Metric Streams는 2~3분)";
    NOT_IN_DATADOG: "Datadog has no data on the {} yet", "아직 Datadog에 데이터가 없는 값: {}";
    NOT_IN_LOG: "Lambda's log lines do not give the {}", "Lambda 로그 줄에 없는 값: {}";
}

/// Where an observation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// From the plan, before anything was sent.
    Plan,
    /// From what the client itself saw.
    Client,
    /// From what the sandbox's Datadog-compatible API answered.
    Sandbox,
    /// From what Datadog answered.
    Datadog,
    /// From the lines that Lambda wrote into the function's log in CloudWatch Logs.
    Cloudwatch,
}

impl Basis {
    /// Who has the data: `the sandbox`.
    pub fn who(self) -> Text {
        match self {
            Basis::Sandbox => SANDBOX,
            Basis::Cloudwatch => LOG,
            _ => DATADOG,
        }
    }

    /// The name in files: `client`.
    pub fn key(self) -> &'static str {
        match self {
            Basis::Plan => "plan",
            Basis::Client => "client",
            Basis::Sandbox => "sandbox",
            Basis::Datadog => "datadog",
            Basis::Cloudwatch => "cloudwatch",
        }
    }
}

/// One function over one time range: a band for every quantity, the widest where nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The function's name.
    pub function: String,
    /// Where this comes from.
    pub basis: Basis,
    /// What weakens a claim that an Insight is absent: data missing, or foreign traffic.
    pub doubt: Option<Doubt>,
    bands: [Band; Quantity::ALL.len()],
}

/// Why what is not there may yet be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Fewer invocations are reported than were sent: more may come.
    Missing {
        /// How many are reported.
        reported: u64,
        /// How many certainly ran.
        sent: u64,
    },
    /// More invocations are reported than were sent: others used the function too.
    Foreign {
        /// How many are reported.
        reported: u64,
        /// How many can have run.
        sent: u64,
    },
    /// Nobody knows how many invocations there should be.
    Uncounted,
}

impl Doubt {
    /// The doubt as a sentence about `basis`.
    pub fn say(self, basis: Basis) -> String {
        let (text, reported, sent) = match self {
            Doubt::Missing { reported, sent } => (MISSING, reported, sent),
            Doubt::Foreign { reported, sent } => (FOREIGN, reported, sent),
            Doubt::Uncounted => return UNCOUNTED.say(Lang::En, &[basis.who().en]),
        };
        let [reported, sent] = [reported, sent].map(|count| count.to_string());
        text.say(Lang::En, &[basis.who().en, &reported, &sent])
    }
}

impl Observation {
    /// Of `function`, nothing known yet.
    pub fn new(function: impl Into<String>, basis: Basis) -> Observation {
        Observation {
            function: function.into(),
            basis,
            doubt: None,
            bands: [Band::UNKNOWN; Quantity::ALL.len()],
        }
    }

    /// Of `function`, what metrics say over a time range in which nothing more is waited for.
    /// `value` has a metric's value; None where there is no data.
    pub fn measured(
        function: impl Into<String>,
        basis: Basis,
        value: impl Fn(Quantity) -> Option<f64>,
    ) -> Observation {
        let mut seen = Observation::new(function, basis);
        let read = |quantity: Quantity| quantity.read(value(quantity)?);
        for quantity in Quantity::ALL {
            // What is only sent when it happens was zero times there, if anything was sent at all.
            let silent = || read(quantity.zero_if_silent()?).map(|_| Band::ZERO);
            if let Some(band) = read(quantity).or_else(silent) {
                seen.set(quantity, band);
            }
        }
        if read(Quantity::ProvisionedUtilization).is_some() {
            // CloudWatch has this metric only where there is provisioned concurrency.
            seen.set(Quantity::ProvisionedConcurrency, Band::at_least(1));
        }
        seen
    }

    /// What is known of `quantity`.
    pub fn get(&self, quantity: Quantity) -> Band {
        // `place` is the discriminant, so it is always in range.
        self.bands
            .get(quantity.place())
            .copied()
            .unwrap_or(Band::UNKNOWN)
    }

    /// Sets what is known of `quantity`.
    pub fn set(&mut self, quantity: Quantity, band: Band) {
        if let Some(place) = self.bands.get_mut(quantity.place()) {
            *place = band;
        }
    }

    /// The same with `quantity` known as `band`.
    #[must_use]
    pub fn with(mut self, quantity: Quantity, band: Band) -> Observation {
        self.set(quantity, band);
        self
    }

    /// Why `quantity` is unknown here.
    pub fn why_unknown(&self, quantity: Quantity) -> String {
        let text = match (self.basis, quantity) {
            (_, Quantity::Timeout | Quantity::MemorySize | Quantity::ProvisionedConcurrency) => {
                NOT_SET
            }
            (Basis::Plan, _) => NOT_PLANNED,
            (Basis::Client, Quantity::LongestDuration) => WITH_EXTENSIONS,
            (Basis::Client, _) => NOT_ANSWERED,
            (Basis::Sandbox, _) => NOT_IN_SANDBOX,
            (Basis::Datadog, late) if late.comes_late() => LATE,
            (Basis::Datadog, _) => NOT_IN_DATADOG,
            (Basis::Cloudwatch, _) => NOT_IN_LOG,
        };
        text.say(Lang::En, &[quantity.noun()])
    }
}
