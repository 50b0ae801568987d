//! Faults that a request may ask the sample app for.

use crate::lang::{Phrase, texts};
use std::{fmt, str::FromStr, time::Duration};

texts! {
    const;
    no_fault(found: String): "`{}` is no fault: write error, latency;ms=N, timeout, memory;percent=N or status;code=N",
        "`{}`: 결함이 아닙니다. error, latency;ms=N, timeout, memory;percent=N, status;code=N 중 하나로 쓰세요";
}

/// A fault, written in the header [`x-loadgen-fault`] as
/// `error | latency;ms=N | timeout | memory;percent=N | status;code=N`.
///
/// [`x-loadgen-fault`]: crate::control::FAULT_HEADER
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Fault {
    /// The handler raises `Exception('Throw an error.')`.
    Error,
    /// The handler takes this much longer; 1 ms to 15 min.
    Latency(Duration),
    /// The handler sleeps past the function's timeout.
    Timeout,
    /// The handler holds this share of the function's memory, in percent, 1 to 200;
    /// above 100 the environment is killed.
    Memory {
        /// The share in percent.
        percent: u16,
    },
    /// The handler returns this HTTP status without raising; 100 to 599.
    Status(u16),
}

impl Fault {
    /// The fault's kind without its number: `error`, `latency`, `timeout`, `memory`, `status`.
    pub fn kind(&self) -> &'static str {
        self.into()
    }
}

impl FromStr for Fault {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Fault, Phrase> {
        let wrong = || no_fault(text.chars().take(80).collect());
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let number = parts.next().map(|part| part.split_once('='));
        if parts.next().is_some() {
            return Err(wrong());
        }
        let within = |name: &str, low: u64, high: u64| -> Result<u64, Phrase> {
            match number {
                Some(Some((key, value))) if key.trim() == name => value
                    .trim()
                    .parse()
                    .ok()
                    .filter(|value| (low..=high).contains(value))
                    .ok_or_else(wrong),
                _ => Err(wrong()),
            }
        };
        match (kind, number.is_some()) {
            ("error", false) => Ok(Fault::Error),
            ("timeout", false) => Ok(Fault::Timeout),
            ("latency", true) => Ok(Fault::Latency(Duration::from_millis(within(
                "ms", 1, 900_000,
            )?))),
            ("memory", true) => Ok(Fault::Memory {
                percent: within("percent", 1, 200)? as u16,
            }),
            ("status", true) => Ok(Fault::Status(within("code", 100, 599)? as u16)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Error => f.write_str("error"),
            Fault::Latency(more) => write!(f, "latency;ms={}", more.as_millis()),
            Fault::Timeout => f.write_str("timeout"),
            Fault::Memory { percent } => write!(f, "memory;percent={percent}"),
            Fault::Status(code) => write!(f, "status;code={code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_back_as_written() {
        for text in [
            "error",
            "latency;ms=250",
            "timeout",
            "memory;percent=97",
            "status;code=503",
        ] {
            let fault: Fault = text.parse().expect(text);
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in [
            "",
            "err",
            "error;ms=1",
            "latency",
            "latency;ms=0",
            "latency;ms=-1",
            "latency;s=1",
            "memory;percent=201",
            "status;code=99",
            "status;code=200;x=1",
            "timeout;",
            "latency;ms=99999999999999999999",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
