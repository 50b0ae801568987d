//! What a phase does, in words.

use std::fmt;

use super::types::{Arrivals, FaultShare, Phase};
use crate::{
    lang::{Lang, Text, texts},
    units::show_duration,
};

texts! {
    /// What is said of phases.
    pub(super) const TEXTS;
    IDLE: "idle for {}", "{} 동안 유휴";
    ONE: "1 request", "요청 1회";
    AT_ONCE: "{} requests at once", "동시에 요청 {}회";
    WITHIN: "{} requests within {}", "{1} 동안 고르게 요청 {0}회";
    RATE: "{}/s for {}", "{1} 동안 초당 {0}회";
    RAMP: "{}/s to {}/s over {}", "{2} 동안 초당 {0}회에서 {1}회로";
    POISSON: "{}/s on average (Poisson) for {}", "{1} 동안 평균 초당 {0}회(푸아송)";
    FAULT: "{} % {fault}", "{} %에 결함 {}";
    WITH_FAULT: "{}, {}", "{}, {}";
}

impl fmt::Display for Arrivals {
    /// `20 requests at once`, `20/s for 5 s`, `idle for 15 min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = show_duration(self.length());
        let said = |text: Text, number: f64| text.say(Lang::En, &[&number.to_string(), &length]);
        f.write_str(&match *self {
            Arrivals::Idle(_) => IDLE.say(Lang::En, &[&length]),
            Arrivals::Burst { count: 1, .. } => ONE.en.to_owned(),
            Arrivals::Burst { count, within } if within.is_zero() => {
                AT_ONCE.say(Lang::En, &[&count.to_string()])
            }
            Arrivals::Burst { count, .. } => WITHIN.say(Lang::En, &[&count.to_string(), &length]),
            Arrivals::Rate { per_second, .. } => said(RATE, per_second),
            Arrivals::Ramp { from, to, .. } => {
                RAMP.say(Lang::En, &[&from.to_string(), &to.to_string(), &length])
            }
            Arrivals::Poisson { per_second, .. } => said(POISSON, per_second),
        })
    }
}

impl fmt::Display for FaultShare {
    /// `20 % error`, `100 % latency;ms=500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded away: 0.07 * 100 is 7.000000000000001.
        let percent = (self.share * 1e6).round() / 1e4;
        f.write_str(&FAULT.say(Lang::En, &[&percent.to_string(), &self.fault.to_string()]))
    }
}

impl fmt::Display for Phase {
    /// `20/s for 5 s, 20 % error`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrivals = self.arrivals.to_string();
        f.write_str(&match &self.fault {
            Some(fault) => WITH_FAULT.say(Lang::En, &[&arrivals, &fault.to_string()]),
            None => arrivals,
        })
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
