//! Which idle environment takes the next request.

use crate::lang::{Phrase, texts};

texts! {
    const;
    no_reuse_policy(found: &str): "`{}` is no reuse policy: write mru, newest or lru", "`{}`: 재사용 정책이 아닙니다. mru, newest, lru 중 하나로 쓰세요";
}

/// Which idle environment takes the next request.
///
/// AWS does not document its choice. That the most recently used one is preferred is an
/// assumption; results under the other two show how much rests on it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = Phrase, parse_err_fn = no_reuse_policy)]
pub enum Reuse {
    /// The one that became idle last. The default.
    #[default]
    #[strum(serialize = "mru")]
    MostRecentlyUsed,
    /// The one that was created last, as SimFaaS routes (Mahmoudi and Khazaei, 2021).
    Newest,
    /// The one that has been idle longest: every environment is kept alive in turn.
    #[strum(serialize = "lru")]
    LeastRecentlyUsed,
}

impl Reuse {
    /// All policies, the default first.
    pub const ALL: &[Reuse] = <Reuse as strum::VariantArray>::VARIANTS;
}
