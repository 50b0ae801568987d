//! The two languages that loadgen speaks to people.
//!
//! A [`Statement`] is a fact that a record keeps: a code with values, said in a language at the
//! edge. A [`Phrase`] is said and forgotten. Both are declared by macros that make a function of
//! each text, so that the compiler checks number and kind of its values.

#[cfg(test)]
mod english;
mod language;
mod particle;
mod phrase;
mod say;
mod shown;
mod speaking;
mod statement;
pub mod statements;
mod template;
mod text;
mod unknown;

#[cfg(test)]
pub use english::assert_korean;
pub use language::Lang;
pub use phrase::Phrase;
pub(crate) use phrase::texts;
pub use say::Speaker;
pub use shown::{show_count, show_duration, show_percent, three_digits};
pub use speaking::{current, speak_by_default, speaking};
pub use statement::{
    FailureClass, FailureKind, FunctionName, InsightOn, Percent, PlainNumber, Range, Reason, Share,
    Statement, TooFewSamples, Usd, Value,
};
pub use text::Text;
