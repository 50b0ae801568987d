//! Sentences that are said and forgotten.

use std::fmt;

use super::{Lang, Reason, Speaker, Text, Value, current, template};

/// A text with its values. Made by the functions that `texts!` declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    text: Text,
    /// What the values are called in the text.
    names: &'static [&'static str],
    values: Vec<Value>,
}

impl Phrase {
    /// A text with values that are called so.
    pub fn new(text: Text, names: &'static [&'static str], values: Vec<Value>) -> Phrase {
        Phrase {
            text,
            names,
            values,
        }
    }

    /// The sentence in `lang`.
    pub fn to(&self, lang: Lang) -> String {
        let speaker = Speaker::plain(lang);
        let values: Vec<String> = self
            .values
            .iter()
            .map(|value| value.say(&speaker))
            .collect();
        template::fill(self.text.to(lang), self.names, &values)
    }
}

impl fmt::Display for Phrase {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to(current()))
    }
}

/// A sentence with what was found, where, and the way out is an error that needs no other type.
impl std::error::Error for Phrase {}

impl From<Text> for Phrase {
    fn from(text: Text) -> Phrase {
        Phrase::new(text, &[], Vec::new())
    }
}

impl From<&Phrase> for Value {
    fn from(phrase: &Phrase) -> Value {
        Reason::of(phrase).into()
    }
}

impl From<Phrase> for Value {
    fn from(phrase: Phrase) -> Value {
        Reason::of(phrase).into()
    }
}

/// Texts in both languages: `NAME: "en", "ko";` is a constant, `name(count: u64): "en", "ko";` a
/// function that makes a [`Phrase`] of its values.
macro_rules! texts {
    ($vis:vis const; $($name:ident $(($($value:ident: $type:ty),+))?: $en:literal, $ko:literal;)*) => {
        $($crate::lang::texts! { @one $vis $name $(($($value: $type),+))? $en, $ko })*
    };
    (@one $vis:vis $name:ident $en:literal, $ko:literal) => {
        $vis const $name: $crate::lang::Text = $crate::lang::Text::new($en, $ko);
    };
    (@one $vis:vis $name:ident ($($value:ident: $type:ty),+) $en:literal, $ko:literal) => {
        #[doc = $en]
        $vis fn $name($($value: $type),+) -> $crate::lang::Phrase {
            $crate::lang::Phrase::new(
                $crate::lang::Text::new($en, $ko),
                &[$(stringify!($value)),+],
                vec![$($value.into()),+],
            )
        }
    };
}
pub(crate) use texts;
