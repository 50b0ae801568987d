//! What a run costs on AWS and in Datadog, estimated from list prices.

use std::time::Duration;

use super::words;
use crate::lang::{Phrase, Value};

/// The month of the prices. Only API Gateway's was seen on the vendor's own page; the others come
/// from reports that agree.
pub const PRICES_AS_OF: &str = "2026-11";

/// A list price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// What is paid for.
    pub what: &'static str,
    /// US dollars a unit, without any free tier.
    pub usd: f64,
}

/// One call of a REST API, first tier, us-east-1.
/// <https://aws.amazon.com/api-gateway/pricing/>
pub const API_CALL: Price = Price {
    what: "API Gateway, REST",
    usd: 3.50 / 1e6,
};
/// One invocation.
/// <https://aws.amazon.com/lambda/pricing/>
pub const LAMBDA_REQUEST: Price = Price {
    what: "Lambda, requests",
    usd: 0.20 / 1e6,
};
/// One GB for one second, x86, first tier, us-east-1. Init counts since 2025-08-01.
/// <https://aws.amazon.com/lambda/pricing/>
pub const LAMBDA_GB_SECOND: Price = Price {
    what: "Lambda, memory x time",
    usd: 0.000_016_666_7,
};
/// One publish to a standard topic. Deliveries to SQS are free.
/// <https://aws.amazon.com/sns/pricing/>
pub const SNS_PUBLISH: Price = Price {
    what: "SNS",
    usd: 0.50 / 1e6,
};
/// One call of a standard queue: send, receive or delete.
/// <https://aws.amazon.com/sqs/pricing/>
pub const SQS_REQUEST: Price = Price {
    what: "SQS",
    usd: 0.40 / 1e6,
};
/// One invocation whose trace Datadog takes in.
/// <https://www.datadoghq.com/pricing/>
pub const TRACED_INVOCATION: Price = Price {
    what: "Datadog, traced invocations",
    usd: 10.0 / 1e6,
};
/// One function that ran at least once in an hour: 5 dollars a month, metered as the month's
/// average over 720 hours (Datadog documentation, "Serverless billing").
/// <https://docs.datadoghq.com/account_management/billing/serverless/>
pub const ACTIVE_FUNCTION_HOUR: Price = Price {
    what: "Datadog, active functions",
    usd: 5.0 / 720.0,
};

/// What a run uses. Every request counts for both functions; faults only lower the consumer's part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Requests sent.
    pub requests: u64,
    /// The most requests that may start a new environment.
    pub cold_starts: u64,
    /// The functions' memory, in MB.
    pub memory_mb: u32,
    /// Billed duration of an invocation, without init.
    pub duration: Duration,
    /// Billed duration of an init.
    pub init: Duration,
    /// From the first request to the last.
    pub span: Duration,
}

impl Usage {
    /// A thousand requests to the sample app as it is deployed by default, a tenth of them cold.
    /// The durations are assumptions: a warm invocation with its flush, and the init of a function
    /// with Datadog's library and extension.
    pub const THOUSAND: Usage = Usage {
        requests: 1000,
        cold_starts: 100,
        memory_mb: 512,
        duration: Duration::from_millis(200),
        init: Duration::from_millis(1500),
        span: Duration::from_secs(600),
    };
}

/// One line of the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// The price of a unit.
    pub price: Price,
    /// The number of units.
    pub units: f64,
}

impl Item {
    /// What it costs in US dollars.
    pub fn usd(&self) -> f64 {
        self.units * self.price.usd
    }
}

/// An estimate, at list price in us-east-1, without free tiers, logs and data transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// AWS's parts.
    pub aws: Vec<Item>,
    /// Datadog's parts.
    pub datadog: Vec<Item>,
}

impl Cost {
    /// AWS's part, in US dollars.
    pub fn aws_usd(&self) -> f64 {
        self.aws.iter().map(Item::usd).sum()
    }

    /// Datadog's part, in US dollars, without a free trial.
    pub fn datadog_usd(&self) -> f64 {
        self.datadog.iter().map(Item::usd).sum()
    }

    /// The estimate in a sentence, with its assumptions.
    pub fn sentence(&self) -> Phrase {
        words::cost(usd(self.aws_usd()), usd(self.datadog_usd()), PRICES_AS_OF)
    }
}

/// The estimate. It assumes the most that can happen: the consumer is invoked once per message, and
/// each message takes a call to send, one to receive and one to delete.
pub fn estimate(usage: &Usage) -> Cost {
    let requests = usage.requests as f64;
    let function = estimate_invoked(usage);
    let twice = |item: &Item| Item {
        units: 2.0 * item.units,
        ..*item
    };
    let item = |price, units| Item { price, units };
    let mut aws = vec![item(API_CALL, requests)];
    aws.extend(function.aws.iter().map(twice));
    aws.extend([
        item(SNS_PUBLISH, requests),
        item(SQS_REQUEST, 3.0 * requests),
    ]);
    Cost {
        aws,
        datadog: function.datadog.iter().map(twice).collect(),
    }
}

/// The estimate for one function by Lambda's Invoke API, which nothing stands in front of.
pub fn estimate_invoked(usage: &Usage) -> Cost {
    let requests = usage.requests as f64;
    let cold = usage.cold_starts.min(usage.requests) as f64;
    let seconds = requests * usage.duration.as_secs_f64() + cold * usage.init.as_secs_f64();
    let gigabytes = f64::from(usage.memory_mb) / 1024.0;
    // Datadog counts begun hours, and a run of 10 minutes may touch two.
    let hours = if usage.requests == 0 {
        0.0
    } else {
        (usage.span.as_secs_f64() / 3600.0).floor() + 1.0
    };
    let item = |price, units| Item { price, units };
    Cost {
        aws: vec![
            item(LAMBDA_REQUEST, requests),
            item(LAMBDA_GB_SECOND, seconds * gigabytes),
        ],
        datadog: vec![
            item(TRACED_INVOCATION, requests),
            item(ACTIVE_FUNCTION_HOUR, hours),
        ],
    }
}

/// Dollars, rounded to cents.
fn usd(amount: f64) -> Value {
    if amount <= 0.0 {
        words::FREE.into()
    } else if amount < 0.01 {
        words::LESS_THAN_A_CENT.into()
    } else {
        words::dollars(format!("{amount:.2}")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(requests: u64) -> Usage {
        Usage {
            requests,
            cold_starts: 20,
            memory_mb: 512,
            duration: Duration::from_millis(100),
            init: Duration::from_secs(1),
            span: Duration::from_secs(60),
        }
    }

    #[test]
    fn the_lambda_part_is_requests_times_time_times_memory() {
        let cost = estimate(&usage(1000));
        let part = |price: Price| {
            let parts = cost.aws.iter().find(|item| item.price == price);
            parts.expect("a part").units
        };
        // 2,000 invocations of 0.1 s and 40 inits of 1 s at half a GB.
        assert!((part(LAMBDA_GB_SECOND) - (200.0 + 40.0) * 0.5).abs() < 1e-9);
        assert!((part(LAMBDA_REQUEST) - 2000.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_sent_costs_nothing() {
        let cost = estimate(&usage(0));
        assert_eq!((cost.aws_usd(), cost.datadog_usd()), (0.0, 0.0));
        assert!(
            cost.sentence()
                .to_string()
                .starts_with("$0 on AWS and $0 in Datadog")
        );
    }

    #[test]
    fn more_requests_never_cost_less() {
        let costs: Vec<f64> = [1, 20, 1000, 10_000, u64::MAX]
            .map(|requests| estimate(&usage(requests)))
            .map(|cost| cost.aws_usd() + cost.datadog_usd())
            .to_vec();
        assert!(costs.is_sorted());
        assert!(costs.iter().all(|cost| cost.is_finite()));
    }

    #[test]
    fn small_amounts_are_not_given_more_digits_than_they_have() {
        assert_eq!(usd(0.0).to_string(), "$0");
        assert_eq!(usd(0.0004).to_string(), "less than $0.01");
        assert_eq!(usd(1.239).to_string(), "about $1.24");
    }
}
