//! Korean particles, which depend on the sound that they follow.

/// How a word ends in speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FinalSound {
    Vowel,
    /// ㄹ, after which 로 stands and not 으로.
    Rieul,
    Consonant,
    /// The word is in no script whose sound is known here.
    Unknown,
}

/// The particles: the one after a consonant, the one after a vowel, and what stands where the
/// sound is unknown.
const PARTICLES: [(&str, &str, &str); 5] = [
    ("을", "를", "을(를)"),
    ("이", "가", "이(가)"),
    ("은", "는", "은(는)"),
    ("과", "와", "과(와)"),
    ("으로", "로", "(으)로"),
];

/// The particle that fits behind `word`; None where `asked` is no particle. Either form may be
/// asked for.
pub fn particle(word: &str, asked: &str) -> Option<&'static str> {
    let (consonant, vowel, unknown) = PARTICLES
        .into_iter()
        .find(|(consonant, vowel, _)| asked == *consonant || asked == *vowel)?;
    Some(match ending(word) {
        FinalSound::Vowel => vowel,
        FinalSound::Rieul if consonant == "으로" => vowel,
        FinalSound::Rieul | FinalSound::Consonant => consonant,
        FinalSound::Unknown => unknown,
    })
}

fn ending(word: &str) -> FinalSound {
    let is_sounded = |c: &char| c.is_alphanumeric() || *c == '%';
    match word.chars().rev().find(is_sounded) {
        Some(c @ '가'..='힣') => match (u32::from(c) - u32::from('가')) % 28 {
            0 => FinalSound::Vowel,
            8 => FinalSound::Rieul,
            _ => FinalSound::Consonant,
        },
        // 일, 칠, 팔; 영, 삼, 육; 이, 사, 오, 구; 퍼센트.
        Some('1' | '7' | '8') => FinalSound::Rieul,
        Some('0' | '3' | '6') => FinalSound::Consonant,
        Some('2' | '4' | '5' | '9' | '%') => FinalSound::Vowel,
        Some(c) if c.is_ascii_alphabetic() => of_latin(word),
        _ => FinalSound::Unknown,
    }
}

/// How an English word or name is heard in Korean, as far as its letters tell: `name` is 네임,
/// `target` 타깃, `burst` 버스트.
fn of_latin(word: &str) -> FinalSound {
    let lower = word.to_ascii_lowercase();
    let letters: Vec<char> = lower
        .chars()
        .rev()
        .skip_while(|c| !c.is_ascii_alphabetic())
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let is_vowel = |c: &char| "aeiouy".contains(*c);
    match letters[..] {
        // A letter alone is called by its name: 엘, 엠.
        ['l' | 'r'] => FinalSound::Rieul,
        ['m' | 'n'] => FinalSound::Consonant,
        ['e', 'l', ..] | ['l', ..] => FinalSound::Rieul,
        ['e', 'm' | 'n', ..] | ['m' | 'n', ..] | ['g', 'n', ..] => FinalSound::Consonant,
        ['k', 'c', ..] => FinalSound::Consonant,
        ['p' | 't' | 'k', before, ref rest @ ..]
            if is_vowel(&before) && !rest.first().is_some_and(is_vowel) =>
        {
            FinalSound::Consonant
        }
        _ => FinalSound::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_fits_what_stands_before_it() {
        for (word, asked, fits) in [
            ("요청", "을", "을"),
            ("함수", "을", "를"),
            ("함수", "를", "를"),
            ("레이턴시", "이", "가"),
            ("파일", "으로", "로"),
            ("시간", "으로", "으로"),
            ("`burst`", "은", "는"),
            ("p95", "이", "가"),
            ("20", "이", "이"),
            ("1%", "을", "를"),
            ("run.toml", "으로", "로"),
            ("name", "을", "을"),
            ("idle", "이", "이"),
            ("target", "은", "은"),
            ("rate", "을", "를"),
            ("cold-start", "을", "를"),
            ("…", "을", "을(를)"),
        ] {
            assert_eq!(particle(word, asked), Some(fits), "{word}");
        }
        assert_eq!(particle("함수", "의"), None);
    }
}
