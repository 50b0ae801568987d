//! How values are put into a text.
//!
//! - `{}` is each value in turn, `{1}` the second, `{name}` the value of this name.
//! - `{0:을}` is the first value with the Korean particle that fits it, 을 or 를; ``{0:`을}`` closes
//!   a quote between the two.
//! - `{0?request|requests}` is the first word if the first value is `1`, else the second.
//! - `{{` and `}}` are braces.

use super::particle::particle;

/// `template` with `values` in it. `names` are the values' names, in their order. A missing value
/// is replaced by nothing; a test checks that none is missing.
pub fn fill(template: &str, names: &[&str], values: &[impl AsRef<str>]) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            filled.push_str(brace);
            rest = after;
            continue;
        }
        let Some((inside, after)) = rest.split_once('}') else {
            continue;
        };
        rest = after;
        filled.push_str(&placed(inside, names, values, &mut next));
    }
    filled.push_str(rest);
    filled
}

/// What one pair of braces stands for.
fn placed(inside: &str, names: &[&str], values: &[impl AsRef<str>], next: &mut usize) -> String {
    let end = inside.find([':', '?']).unwrap_or(inside.len());
    let (which, rule) = inside.split_at(end);
    let place = names.iter().position(|name| *name == which);
    let place = place.or_else(|| which.parse().ok()).unwrap_or_else(|| {
        *next += 1;
        *next - 1
    });
    let value = values.get(place).map_or("", |value| value.as_ref());
    if let Some(words) = rule.strip_prefix('?') {
        let (one, many) = words.split_once('|').unwrap_or(("", words));
        return if value == "1" { one } else { many }.to_owned();
    }
    let asked = rule.strip_prefix(':').unwrap_or_default();
    // A particle stands behind the quote that ends before it.
    let (quote, asked) = match asked.strip_prefix('`') {
        Some(asked) => ("`", asked),
        None => ("", asked),
    };
    let particle = particle(value, asked).unwrap_or(asked);
    format!("{value}{quote}{particle}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_placed_by_turn_by_number_and_by_name() {
        assert_eq!(fill("{} of {}", &[], &["2", "9"]), "2 of 9");
        assert_eq!(fill("{1} of {0}", &[], &["9", "2"]), "2 of 9");
        let names = ["sent", "planned"];
        assert_eq!(
            fill("{planned}회 중 {sent}회", &names, &["2", "9"]),
            "9회 중 2회"
        );
        assert_eq!(fill("{{ status }}", &[], &[] as &[&str]), "{ status }");
    }

    #[test]
    fn particles_and_plurals_fit_the_value() {
        let text = "{0} {0?request|requests}";
        assert_eq!(fill(text, &[], &["1"]), "1 request");
        assert_eq!(fill(text, &[], &["2"]), "2 requests");
        assert_eq!(
            fill("{:을} 읽었습니다", &[], &["파일"]),
            "파일을 읽었습니다"
        );
        assert_eq!(
            fill("`{:`을} 읽었습니다", &[], &["로그"]),
            "`로그`를 읽었습니다"
        );
    }
}
