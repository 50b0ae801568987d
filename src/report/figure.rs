//! Figures as people say them.

use std::time::Duration;

use crate::{
    lang::{PlainNumber, Share, Value, texts},
    record::ThresholdResult,
    scenario::{NamedFigure, Unit},
};

texts! {
    const;
    must_not_be(limit: &str): "not {}", "{} 아님";
}

/// A limit as written, or, of a condition that is not to become so, that it must not.
pub fn limit_said(threshold: &ThresholdResult) -> String {
    match threshold.ends_run {
        true => must_not_be(&threshold.limit).to_string(),
        false => threshold.limit.clone(),
    }
}

/// A figure as a value with the unit of its metric.
pub fn figure_value(metric: &str, value: f64) -> Value {
    // A rate is not an integer. One decimal is enough.
    let number = || PlainNumber((value * 10.0).round() / 10.0).into();
    match metric.parse().map(|named: NamedFigure| named.metric.unit()) {
        // A file may hold any number, such as 1e300.
        Ok(Unit::Milliseconds) => {
            Duration::try_from_secs_f64(value.max(0.0) / 1e3).map_or_else(|_| number(), Value::from)
        }
        Ok(Unit::Share) => Share(value).into(),
        Ok(Unit::Requests) | Err(_) => number(),
    }
}

/// A figure in the unit of its metric.
pub fn figure_said(metric: &str, value: f64) -> String {
    figure_value(metric, value).to_string()
}
