//! What users do, ready to be sent: templates become bytes, answers become values. Pure, but for the
//! time of `${now}`; `engine` sends.
//!
//! A [`FlowScript`] is made of a scenario once, before anything is sent, with all secrets filled in
//! and all that is always the same put together. Each arrival has a [`FlowCursor`]: where in its flow
//! it stands, and what it has captured. Everything follows from the seed, the arrival's ordinal and
//! the request's place, so that the shards of a run agree.

mod answer;
mod compile;
mod cursor;
mod piece;
mod script;
mod sign_in;

pub use answer::{KeptAnswer, LARGEST_KEPT, Miss, WantedParts};
pub use compile::BasePath;
pub use cursor::FlowCursor;
pub use script::{FlowScript, RenderedRequest, ScriptRequest};
pub use sign_in::SignedIn;

#[cfg(test)]
mod tests;
