//! Which idle environment takes the next request.

use crate::lang::{Phrase, texts};
use std::{fmt, str::FromStr};

texts! {
    const;
    no_reuse_policy(found: &str): "`{}` is no reuse policy: write mru, newest or lru", "`{}`: 재사용 정책이 아닙니다. mru, newest, lru 중 하나로 쓰세요";
}

/// Which idle environment takes the next request.
///
/// AWS does not document its choice. That the most recently used one is preferred is an
/// assumption; results under the other two show how much rests on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reuse {
    /// The one that became idle last. The default.
    #[default]
    MostRecentlyUsed,
    /// The one that was created last, as SimFaaS routes (Mahmoudi and Khazaei, 2021).
    Newest,
    /// The one that has been idle longest: every environment is kept alive in turn.
    LeastRecentlyUsed,
}

impl Reuse {
    /// All policies, the default first.
    pub const ALL: [Reuse; 3] = [
        Reuse::MostRecentlyUsed,
        Reuse::Newest,
        Reuse::LeastRecentlyUsed,
    ];

    /// The name on the command line: `mru`, `newest`, `lru`.
    pub fn key(self) -> &'static str {
        match self {
            Reuse::MostRecentlyUsed => "mru",
            Reuse::Newest => "newest",
            Reuse::LeastRecentlyUsed => "lru",
        }
    }
}

impl fmt::Display for Reuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Reuse {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Reuse, Phrase> {
        Reuse::ALL
            .into_iter()
            .find(|reuse| reuse.key() == text.trim())
            .ok_or_else(|| no_reuse_policy(text))
    }
}
