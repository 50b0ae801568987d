//! What a client gets from a REST API of API Gateway in front of a function.
//!
//! Source: AWS Lambda developer guide, "Handling Lambda errors with an API Gateway API".

use std::time::Duration;

use super::{Admission, End, Invocation};

/// How long API Gateway waits for the function (Amazon API Gateway quotas, REST API).
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// How API Gateway answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayAnswer {
    /// With the status that the function returned.
    Returned(u16),
    /// The function raised, timed out, was killed, or returned no status that can be passed on.
    FunctionFailed,
    /// Lambda refused the invocation.
    Refused,
    /// The integration timeout is over.
    TimedOut,
}

impl GatewayAnswer {
    /// The answer, and how long after the request it leaves.
    pub fn to(admission: &Admission) -> (GatewayAnswer, Duration) {
        match admission {
            Admission::Throttled(_) => (GatewayAnswer::Refused, Duration::ZERO),
            Admission::Started(invocation) => GatewayAnswer::to_started(invocation),
        }
    }

    fn to_started(invocation: &Invocation) -> (GatewayAnswer, Duration) {
        let latency = invocation.response_at().saturating_sub(invocation.arrived);
        if latency > INTEGRATION_TIMEOUT {
            return (GatewayAnswer::TimedOut, INTEGRATION_TIMEOUT);
        }
        let answer = match invocation.end {
            End::Ok => GatewayAnswer::Returned(200),
            // An interim status is no answer, and a proxy could not pass it on.
            End::Status(code @ 200..=999) => GatewayAnswer::Returned(code),
            End::Status(_) | End::Exception | End::Timeout | End::OutOfMemory | End::Exited => {
                GatewayAnswer::FunctionFailed
            }
        };
        (answer, latency)
    }

    /// The status that the client gets.
    pub fn status(self) -> u16 {
        match self {
            GatewayAnswer::Returned(status) => status,
            GatewayAnswer::FunctionFailed => 502,
            GatewayAnswer::Refused => 500,
            GatewayAnswer::TimedOut => 504,
        }
    }
}
