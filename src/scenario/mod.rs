//! What should happen: a scenario's types.

mod types;

pub use types::{
    Arrivals, Comparison, Expect, Expected, FaultShare, Phase, Request, Scenario, Template,
    Threshold,
};
