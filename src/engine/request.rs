//! A request before it is sent.

use super::{clock::micros, leg::FlowLeg, wire::RequestTemplate};
use crate::{lambda::Fault, sample::Sample, schedule::Arrival};

/// A request that was not sent yet.
#[derive(Default)]
pub(super) struct PendingRequest {
    pub index: u64,
    pub step: u32,
    /// None in a closed loop.
    pub planned_us: Option<u64>,
    pub fault: Option<Fault>,
    /// Which of the run's functions it is sent to, from 0.
    pub function: u32,
    /// Which of the run's named requests it is, from 0.
    pub request: u32,
    /// Which of the run's flows it is of, from 0.
    pub flow: u32,
    /// Which of the client's templates it is made of.
    pub template: u32,
    /// Where in its flow it stands; None before that has begun, and where there are none.
    pub leg: Option<Box<FlowLeg>>,
}

impl PendingRequest {
    /// The request with its values, where it has some of its own.
    pub fn template(&self) -> Option<&RequestTemplate> {
        self.leg.as_ref()?.template()
    }

    /// Its sample if it is never sent: what is known before sending.
    pub fn not_sent(&self, done_us: u64) -> Sample {
        Sample {
            planned_us: self.planned_us,
            fault: self.fault.map(|fault| fault.to_string()),
            function: self.function,
            request: self.request,
            flow: self.flow,
            turn: self.leg.as_ref().map_or(0, |leg| leg.turn()),
            ..Sample::not_sent(self.index, self.step, done_us)
        }
    }
}

impl From<Arrival> for PendingRequest {
    fn from(arrival: Arrival) -> PendingRequest {
        PendingRequest {
            index: arrival.index,
            step: arrival.step,
            planned_us: Some(micros(arrival.at)),
            fault: arrival.fault,
            function: arrival.function,
            request: 0,
            flow: arrival.flow,
            template: arrival.function,
            leg: None,
        }
    }
}
