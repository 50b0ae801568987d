//! How facts are declared.

use crate::lang::Text;

/// What is said of a code.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The code: `no_answer`.
    pub code: &'static str,
    /// What its values are called in the text.
    pub names: &'static [&'static str],
    /// The text.
    pub text: Text,
}

/// Facts by code: each is a function of its values, so that number and kind of them are checked.
macro_rules! statements {
    ($($code:ident($($value:ident: $type:ty),*): $en:literal, $ko:literal;)*) => {
        $(
            #[doc = $en]
            pub fn $code($($value: $type),*) -> $crate::lang::Statement {
                $crate::lang::Statement::new(
                    stringify!($code),
                    $crate::lang::Text::new($en, $ko),
                    &[$(stringify!($value)),*],
                    vec![$($value.into()),*],
                )
            }
        )*

        pub(super) const KNOWN: &[$crate::lang::statements::known::Known] = &[$(
            $crate::lang::statements::known::Known {
                code: stringify!($code),
                names: &[$(stringify!($value)),*],
                text: $crate::lang::Text::new($en, $ko),
            }
        ),*];
    };
}
pub(super) use statements;
