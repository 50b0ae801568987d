//! Words that stopped readers, and what is written instead.

use std::{fs, sync::LazyLock};

use regex::Regex;

use super::root;

/// A pattern, and what is written instead.
type Retired = (&'static str, &'static str);

/// Of the English: riddles, and second words for one thing.
pub static ENGLISH: &[Retired] = &[
    (r"\bmend(s|ed|ing)?\b", "fix"),
    (r"\bforetell\w*|\bforetold\b", "predict"),
    (r"\blet(s|ting)? go\b", "reclaim"),
    (r"\bunder way\b", "in flight"),
    (r"\bbeyond\b", "above"),
    (r"\bwhole\b", "full, complete"),
    (
        r"\bnobody('s)?\b|\bsomebody\b|\bwhoever\b",
        "name who it is, or use the passive",
    ),
    (
        r"\b(cannot|can) (be )?(tell|told)\b",
        "cannot be determined",
    ),
    (r"\bof which\b", "a sentence of its own"),
    (
        r"\bwhat c(a|o)mes? of\b|\bwhat became of\b",
        "the outcome of",
    ),
    (r"\bmay or may not\b", "possibly"),
    (r"\bsuch (an?|ones?)\b", "this, one of these"),
    (r"\bto be had\b|\bcannot be had\b", "available"),
    (r"\bso few\b|\bneither side\b", "too few"),
    (r"\b(goes?|go) on\b", "continue"),
    (r"\bthey part\b", "they differ"),
    (r"\bmap of the house\b", "the structure of the code"),
    (r"\bas ever\b", "normally"),
    (r"\bcure\b", "fix"),
    (r"\bwhat must follow\b", "predicted, must appear"),
];

/// Of the Korean: variants that the glossary has another word for.
pub static KOREAN: &[Retired] = &[
    ("쉬는 환경|쉬고 있", "유휴 환경"),
    ("놓아 ?[주줄줍]", "회수"),
    ("표식", "마커"),
    ("API key|application key", "API 키, 애플리케이션 키"),
    ("한계", "한도, 임계값, 상한, 하한"),
    ("로그 축", "로그 눈금"),
    ("99 ?백분위수", "p99 (99번째 백분위수)"),
    ("확장 프로그램", "확장"),
    ("클라우드 사업자", "클라우드 공급업체"),
    ("세밀함", "입도"),
    ("직접 정한 태그", "커스텀 태그"),
    ("시그널", "보안 신호"),
    ("어긋[나남난]", "미충족"),
    ("말할 수 없", "구할 수 없음"),
    ("보통 서버", "일반 HTTP 서버"),
    ("집의 (지도|구조)", "코드 구조"),
    (r"\d %", "1%"),
    ("초기화 기간", "초기화 시간"),
    ("반복자", "반복기 나이"),
    ("캡처", "수집"),
    ("SNS 주제", "SNS 토픽"),
    ("계층", "레이어"),
    ("표본", "샘플"),
    ("망가뜨", "고장 내다, 복원"),
    ("동일함", "차이가 없음"),
    ("오류 발생률", "높은 오류율"),
    ("최장 기간|높은 기간", "지속 기간"),
    (
        "이제 보여야|다르게 보인다면|보이는 것",
        "예상 결과; 결과가 다르다면; 증상",
    ),
    (r"(요청|호출|콜드 스타트) \d[\d,]*[개번]", "N회"),
    (
        r"\*[^*]*\)\*\*[가-힣]",
        "the bracket behind the bold word, or `*` is shown",
    ),
];

/// The words of `list` that `text` has, with what is written instead.
pub fn retired(text: &str, list: &'static [Retired]) -> impl Iterator<Item = String> {
    type Patterns = Vec<(Regex, &'static str)>;
    fn patterns(list: &'static [Retired], flags: &str) -> Patterns {
        // A phrase may stand over two lines.
        let pattern = |word: &str| {
            let word = word.replace(' ', r"\s+");
            Regex::new(&format!("{flags}{word}")).expect("a pattern")
        };
        let all = list.iter();
        all.map(|(word, instead)| (pattern(word), *instead))
            .collect()
    }
    static IN_ENGLISH: LazyLock<Patterns> = LazyLock::new(|| patterns(ENGLISH, "(?i)"));
    static IN_KOREAN: LazyLock<Patterns> = LazyLock::new(|| patterns(KOREAN, ""));
    let patterns: &Patterns = match std::ptr::eq(list, ENGLISH) {
        true => &IN_ENGLISH,
        false => &IN_KOREAN,
    };
    patterns.iter().filter_map(|(pattern, instead)| {
        let found = pattern.find(text)?.as_str().to_owned();
        Some(format!("`{found}` ({instead})"))
    })
}

/// A page that people read.
pub struct Prose {
    pub name: String,
    pub text: String,
}

impl Prose {
    pub fn is_korean(&self) -> bool {
        self.name.contains("ko/") || self.name.contains(".ko.")
    }
}

/// The guide's pages and the READMEs.
pub fn pages() -> Vec<Prose> {
    let mut files = vec![root().join("README.md"), root().join("README.ko.md")];
    for lang in ["en", "ko"] {
        let folder = root().join("book").join(lang).join("src");
        let entries = fs::read_dir(folder).expect("the guide").flatten();
        files.extend(entries.map(|entry| entry.path()).filter(|path| {
            // What is made of the program's help is written in the sources.
            path.extension().is_some_and(|end| end == "md") && !path.ends_with("commands.md")
        }));
    }
    let read = |path: std::path::PathBuf| Prose {
        name: path
            .strip_prefix(root())
            .expect("a page of ours")
            .display()
            .to_string(),
        text: fs::read_to_string(path).expect("a page"),
    };
    files.into_iter().map(read).collect()
}

/// The text without code, which may be another program's, with its lines kept.
pub fn prose(text: &str) -> String {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`[^`]*`|\{#[^}]*\}|\]\([^)]*\)").expect("a pattern"));
    let mut in_block = false;
    let line = |line: &str| {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            return String::new();
        }
        match in_block {
            true => String::new(),
            false => CODE.replace_all(line, "").into_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_retired_word_is_seen_and_told_with_what_to_write() {
    let found: Vec<String> = retired("It is mended, and Nobody can\ntell", ENGLISH).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("fix"), "{found:?}");
    assert_eq!(retired("몇 1 %", KOREAN).count(), 1);
    assert_eq!(prose("a `mend` b\n```sh\nmend\n```\nc"), "a  b\n\n\n\nc");
}
