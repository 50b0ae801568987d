//! A request before it is sent.

use super::clock::micros;
use crate::{lambda::Fault, sample::Sample, schedule::Arrival};

/// A request that was not sent yet.
#[derive(Clone, Copy)]
pub(super) struct PendingRequest {
    pub index: u64,
    pub step: u32,
    /// None in a closed loop.
    pub planned_us: Option<u64>,
    pub fault: Option<Fault>,
    /// Which of the run's functions it is sent to, from 0.
    pub function: u32,
}

impl PendingRequest {
    /// Its sample if it is never sent: what is known before sending.
    pub fn not_sent(&self, done_us: u64) -> Sample {
        Sample {
            planned_us: self.planned_us,
            fault: self.fault.map(|fault| fault.to_string()),
            function: self.function,
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
        }
    }
}
