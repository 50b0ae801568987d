//! Lambda memory sizes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::lang::{Phrase, Value, texts};

/// A memory size in MiB, which Lambda's console and this project write as `MB`.
///
/// Range on AWS: 128 to 10,240 MB in steps of 1 MB
/// (AWS Lambda developer guide, "Lambda quotas").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Memory(u32);

texts! {
    const;
    no_memory(found: &str): "`{}` is not a memory size: write 128MB to 10240MB, for example \"512MB\"",
        "`{:`은} 메모리 크기가 아닙니다. 128MB~10240MB로 쓰세요. 예: \"512MB\"";
}

impl Memory {
    /// The smallest size that Lambda offers.
    pub const MIN: Memory = Memory(128);
    /// The largest size that Lambda offers.
    pub const MAX: Memory = Memory(10_240);

    /// `mb` MiB, where Lambda offers that size.
    ///
    /// # Errors
    /// Sizes outside [`Memory::MIN`] to [`Memory::MAX`].
    pub fn from_mb(mb: u32) -> Result<Memory, Phrase> {
        if (Memory::MIN.0..=Memory::MAX.0).contains(&mb) {
            Ok(Memory(mb))
        } else {
            Err(no_memory(&format!("{mb}MB")))
        }
    }

    /// The size in MiB.
    pub fn mb(self) -> u32 {
        self.0
    }
}

impl From<Memory> for Value {
    fn from(memory: Memory) -> Value {
        Value::MemoryKib(u64::from(memory.mb()) * 1_024)
    }
}

impl FromStr for Memory {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Memory, Phrase> {
        let wrong = || no_memory(text);
        let lower = text.trim().to_ascii_lowercase();
        let digits = lower.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        let mb = match lower[digits.len()..].trim() {
            "mb" | "mib" => number,
            "gb" | "gib" => number.checked_mul(1024).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        Memory::from_mb(mb).map_err(|_| wrong())
    }
}

impl TryFrom<String> for Memory {
    type Error = Phrase;

    fn try_from(text: String) -> Result<Memory, Phrase> {
        text.parse()
    }
}

impl From<Memory> for String {
    fn from(memory: Memory) -> String {
        format!("{}MB", memory.0)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MB", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!("512MB".parse::<Memory>().map(Memory::mb), Ok(512));
        assert_eq!("1 GB".parse::<Memory>().map(Memory::mb), Ok(1024));
        assert_eq!("128mib".parse::<Memory>().map(Memory::mb), Ok(128));
    }

    #[test]
    fn sizes_that_lambda_does_not_offer_are_refused() {
        for text in [
            "",
            "512",
            "127MB",
            "10241MB",
            "-1MB",
            "9999999GB",
            "MB",
            "é",
        ] {
            assert!(text.parse::<Memory>().is_err(), "{text}");
        }
    }
}
