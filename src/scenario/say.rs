//! What a phase does, in words.

use std::fmt;

use super::types::{Arrivals, FaultShare};
use crate::units::show_duration;

impl fmt::Display for Arrivals {
    /// `20 requests at once`, `20/s for 5 s`, `idle for 15 min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = show_duration(self.length());
        match *self {
            Arrivals::Idle(_) => write!(f, "idle for {length}"),
            Arrivals::Burst { count: 1, .. } => write!(f, "1 request"),
            Arrivals::Burst { count, within } if within.is_zero() => {
                write!(f, "{count} requests at once")
            }
            Arrivals::Burst { count, .. } => write!(f, "{count} requests within {length}"),
            Arrivals::Rate { per_second, .. } => write!(f, "{per_second}/s for {length}"),
            Arrivals::Ramp { from, to, .. } => write!(f, "{from}/s to {to}/s over {length}"),
            Arrivals::Poisson { per_second, .. } => {
                write!(f, "{per_second}/s on average (Poisson) for {length}")
            }
        }
    }
}

impl fmt::Display for FaultShare {
    /// `20 % error`, `100 % latency;ms=500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded away: 0.07 * 100 is 7.000000000000001.
        let percent = (self.share * 1e6).round() / 1e4;
        write!(f, "{percent} % {}", self.fault)
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
        let said = |arrivals: Arrivals| arrivals.to_string();
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
        let said = |share| FaultShare { fault, share }.to_string();
        assert_eq!(said(0.07), "7 % error");
        assert_eq!(said(1.0), "100 % error");
        assert_eq!(said(0.0025), "0.25 % error");
    }
}
