//! Every text that `texts!` and `statements!` declare is in Korean, but for names, codes and quotes.

use std::sync::LazyLock;

use proc_macro2::{TokenStream, TokenTree};
use regex::Regex;

/// Before the English of a text whose Korean is still to be written.
pub const WAITS: &str = "[ko] ";

/// English and Korean of every declared text in `sources`.
pub fn declared<'a>(sources: impl IntoIterator<Item = &'a String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in sources {
        find(source.parse().expect("tokens"), &mut found);
    }
    found
}

fn find(tokens: TokenStream, found: &mut Vec<(String, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let of_macro = at >= 2
            && tokens[at - 1].to_string() == "!"
            && ["texts", "statements"].contains(&tokens[at - 2].to_string().as_str());
        match of_macro {
            true => found.extend(pairs(group.stream())),
            false => find(group.stream(), found),
        }
    }
}

/// Each `"en", "ko";` among the tokens.
fn pairs(tokens: TokenStream) -> Vec<(String, String)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let text = |token: &TokenTree| syn::parse_str::<syn::LitStr>(&token.to_string()).ok();
    let pair = |four: &[TokenTree]| match four {
        [en, comma, ko, end] if comma.to_string() == "," && end.to_string() == ";" => {
            Some((text(en)?.value(), text(ko)?.value()))
        }
        _ => None,
    };
    tokens.windows(4).filter_map(pair).collect()
}

/// What may be English: values, quotes, our own commands, addresses.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    let quoted = r#"\{[^}]*\}|`[^`]*`|"[^"]*"|'[^']*'|loadgen \w+ \w+|\S+://\S+"#;
    Regex::new(quoted).expect("a pattern")
});
static RUN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}\b").expect("a pattern"));

/// Runs of three or more English words.
pub fn english(text: &str) -> Vec<String> {
    let bare = QUOTED.replace_all(text, "·");
    let runs = RUN.find_iter(&bare);
    runs.map(|run| run.as_str().to_owned()).collect()
}
