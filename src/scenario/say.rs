//! What a phase does, in words.

use std::fmt;

use super::types::{Arrivals, FaultShare, Phase};
use crate::lang::{FunctionName, Percent, PlainNumber, Statement, statements::phase};

impl Arrivals {
    /// `20 requests at once`, `20/s for 5 s`, `idle for 15 min`.
    pub fn statement(&self) -> Statement {
        let length = self.length();
        match *self {
            Arrivals::Idle(_) => phase::idle(length),
            Arrivals::Burst { count: 1, .. } => phase::one_request(),
            Arrivals::Burst { count, within } if within.is_zero() => phase::at_once(count),
            Arrivals::Burst { count, .. } => phase::within(count, length),
            Arrivals::Rate { per_second, .. } => phase::rate(PlainNumber(per_second), length),
            Arrivals::Ramp { from, to, .. } => {
                phase::ramp(PlainNumber(from), PlainNumber(to), length)
            }
            Arrivals::Poisson { per_second, .. } => phase::poisson(PlainNumber(per_second), length),
        }
    }
}

impl FaultShare {
    /// `20 % error`, `100 % latency;ms=500`.
    pub fn statement(&self) -> Statement {
        // Rounded away: 0.07 * 100 is 7.000000000000001.
        let percent = (self.share * 1e6).round() / 1e4;
        phase::fault_share(Percent(percent), self.fault.to_string())
    }
}

impl Phase {
    /// `20/s for 5 s`, and to which function where it names one.
    pub fn sent(&self) -> Statement {
        let arrivals = self.arrivals.statement();
        match &self.function {
            Some(name) => phase::to_function(arrivals, FunctionName(name)),
            None => arrivals,
        }
    }

    /// `20/s for 5 s, 20 % error`
    pub fn statement(&self) -> Statement {
        let said = self.sent();
        match &self.fault {
            Some(fault) => phase::with_fault(said, fault.statement()),
            None => said,
        }
    }
}

impl fmt::Display for Phase {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::lambda::Fault;

    #[test]
    fn phases_are_said_as_people_say_them() {
        let seconds = Duration::from_secs;
        let length = seconds(5);
        let said = |arrivals: Arrivals| arrivals.statement().text;
        let burst = |count, within| said(Arrivals::Burst { count, within });
        assert_eq!(said(Arrivals::Idle(seconds(900))), "idle for 15 min");
        assert_eq!(burst(1, seconds(0)), "1 request");
        assert_eq!(burst(20, seconds(0)), "20 requests at once");
        assert_eq!(burst(20, seconds(2)), "20 requests within 2 s");
        let per_second = 0.5;
        assert_eq!(said(Arrivals::Rate { per_second, length }), "0.5/s for 5 s");
        let (from, to) = (1.0, 20.0);
        assert_eq!(
            said(Arrivals::Ramp { from, to, length }),
            "1/s to 20/s over 5 s"
        );
        let poisson = said(Arrivals::Poisson { per_second, length });
        assert_eq!(poisson, "0.5/s on average (Poisson) for 5 s");
    }

    #[test]
    fn a_share_is_said_in_percent() {
        let fault = Fault::Error;
        let said = |share| FaultShare { fault, share }.statement().text;
        assert_eq!(said(0.07), "7 % error");
        assert_eq!(said(1.0), "100 % error");
        assert_eq!(said(0.0025), "0.25 % error");
    }
}
