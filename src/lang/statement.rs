//! A fact that a record keeps: a code with its values. Programs read these. People read the
//! sentence that each report makes of them in its reader's language.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::Text;

/// One fact, for example why a run is `missed`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Statement {
    /// The kind of fact: `no_answer`. Empty for a text that has no translation.
    pub code: String,
    /// Its values, in the order that the kind of fact defines.
    pub values: Vec<Value>,
    /// The fact in English, for programs that show it as it is.
    pub text: String,
}

/// A value of a [`Statement`] or a [`Phrase`](super::Phrase).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A number as it is.
    Number(f64),
    /// A share, 0 to 1, shown as a percentage.
    Share(f64),
    /// A percentage with the digits that are shown.
    Percent(f64),
    /// A duration in microseconds.
    DurationUs(u64),
    /// A memory size in KiB, shown in MB.
    MemoryKib(u64),
    /// An amount of US dollars.
    Usd(f64),
    /// A range between two values, open where a bound is unknown.
    Range(Range),
    /// Insights, each on a function.
    Insights(Vec<InsightOn>),
    /// Failures by kind.
    Failures(Vec<FailureKind>),
    /// Thresholds whose figure has too few samples.
    TooFew(Vec<TooFewSamples>),
    /// A class of failures: `connection_refused`.
    FailureClass(String),
    /// A function's name.
    Function(String),
    /// Names in files: figures, keys.
    Names(Vec<String>),
    /// A text that is shown as it is, in no language: a name, or another program's message.
    Verbatim(String),
    /// A sentence of loadgen's that has no code.
    Reason(Reason),
    /// A fact within another one.
    Statement(Box<Statement>),
    /// A kind of value that this version does not know.
    #[serde(untagged)]
    Other(serde_json::Value),
}

/// Everything between two values, both included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The lower bound.
    pub low: Option<Box<Value>>,
    /// The upper bound.
    pub high: Option<Box<Value>>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// An Insight on a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsightOn {
    /// Which Insight: `cold_starts`.
    pub id: String,
    /// On which function; None: the entry function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// On how many functions, if they are too many to name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<u64>,
}

/// How many requests failed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureKind {
    /// The class, as in `failures`: `http_error`.
    pub class: String,
    /// The HTTP status, if there was a response with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many.
    pub count: u64,
}

/// A threshold with too few samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TooFewSamples {
    /// The figure: `response.cold.p95`.
    pub metric: String,
    /// How many samples there are.
    pub samples: u64,
    /// How many the figure needs.
    pub needed: u64,
}

/// Makes [`Value::Number`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlainNumber(pub f64);
/// Makes [`Value::Share`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);
/// Makes [`Value::Percent`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);
/// Makes [`Value::Usd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usd(pub f64);
/// Makes [`Value::FailureClass`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureClass<'a>(pub &'a str);
/// Makes [`Value::Function`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionName<'a>(pub &'a str);

impl Statement {
    /// A text without a translation: a user's, another program's, or a sentence in a record of
    /// schema 1.
    pub fn verbatim(text: impl Into<String>) -> Statement {
        Statement {
            code: String::new(),
            values: Vec::new(),
            text: text.into(),
        }
    }
}

impl Range {
    /// The range between these bounds.
    pub fn new(low: Option<Value>, high: Option<Value>) -> Range {
        let [low, high] = [low, high].map(|bound| bound.map(Box::new));
        Range { low, high }
    }

    /// Whether both bounds are unknown.
    pub fn is_unknown(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }
}

impl From<String> for Statement {
    /// [`Statement::verbatim`].
    fn from(text: String) -> Statement {
        Statement::verbatim(text)
    }
}

impl<'de> Deserialize<'de> for Statement {
    /// Records of schema 1 hold the English sentence alone.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Statement, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Sentence(String),
            Fact {
                code: String,
                #[serde(default)]
                values: Vec<Value>,
                #[serde(default)]
                text: String,
            },
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Sentence(text) => Statement::verbatim(text),
            Form::Fact { code, values, text } => Statement { code, values, text },
        })
    }
}

impl From<Reason> for Value {
    fn from(reason: Reason) -> Value {
        match reason.en == reason.ko {
            true => Value::Verbatim(reason.en),
            false => Value::Reason(reason),
        }
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Value {
        let [en, ko] = [text.en, text.ko].map(str::to_owned);
        Reason { en, ko }.into()
    }
}

impl From<Statement> for Value {
    fn from(statement: Statement) -> Value {
        Value::Statement(Box::new(statement))
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Value {
        Value::DurationUs(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<FailureClass<'_>> for Value {
    fn from(class: FailureClass<'_>) -> Value {
        Value::FailureClass(class.0.to_owned())
    }
}

impl From<FunctionName<'_>> for Value {
    fn from(function: FunctionName<'_>) -> Value {
        Value::Function(function.0.to_owned())
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Value {
                $made
            }
        })*
    };
}

from! {
    u64 => |count| Value::Count(count);
    u32 => |count| Value::Count(count.into());
    u16 => |count| Value::Count(count.into());
    usize => |count| Value::Count(count as u64);
    PlainNumber => |number| Value::Number(number.0);
    Share => |share| Value::Share(share.0);
    Percent => |percent| Value::Percent(percent.0);
    Usd => |dollars| Value::Usd(dollars.0);
    Range => |range| Value::Range(range);
    &Reason => |reason| reason.clone().into();
    &str => |text| Value::Verbatim(text.to_owned());
    &String => |text| Value::Verbatim(text.clone());
    String => |text| Value::Verbatim(text);
    Vec<InsightOn> => |which| Value::Insights(which);
    Vec<FailureKind> => |kinds| Value::Failures(kinds);
    Vec<TooFewSamples> => |which| Value::TooFew(which);
    Vec<String> => |names| Value::Names(names);
}
