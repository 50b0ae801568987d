use proptest::prelude::*;

use super::*;

type Row<'a> = (&'a [&'a str], &'a [(i64, f64)]);

fn table(rows: &[Row<'_>]) -> GroupedValues {
    rows.iter()
        .map(|(group, points)| {
            let group = group.iter().map(|tag| (*tag).to_owned()).collect();
            (group, points.iter().copied().collect())
        })
        .collect()
}

fn value(text: &str, leaves: &[(&str, GroupedValues)]) -> ExpressionValue {
    let value: Result<ExpressionValue, ()> = formula(text).unwrap().evaluate(&[0, 10], |name| {
        let found = leaves.iter().find(|(known, _)| known == name);
        Ok(found.map(|(_, table)| table.clone()).unwrap_or_default())
    });
    value.unwrap()
}

#[test]
fn arithmetic_binds_as_usual() {
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 / 4 / 2", 1.0),
        ("8 - 4 - 2", 2.0),
        ("-2 * -(1 + .5)", 3.0),
        ("abs(1 - 3)", 2.0),
        ("- - 1", 1.0),
    ] {
        assert_eq!(
            value(text, &[]),
            ExpressionValue::Number(expected),
            "{text}"
        );
    }
}

#[test]
fn groups_are_matched_and_an_ungrouped_side_meets_every_group() {
    let by = table(&[(&["f:a"], &[(0, 2.0), (10, 4.0)]), (&["f:b"], &[(0, 6.0)])]);
    let other = table(&[(&["f:a"], &[(10, 2.0)]), (&["f:c"], &[(0, 1.0)])]);
    let overall = table(&[(&[], &[(0, 2.0)])]);
    assert_eq!(
        value("a / b", &[("a", by.clone()), ("b", other)]),
        ExpressionValue::Table(table(&[(&["f:a"], &[(10, 2.0)])]))
    );
    let halves = ExpressionValue::Table(table(&[(&["f:a"], &[(0, 1.0)]), (&["f:b"], &[(0, 3.0)])]));
    assert_eq!(
        value("a / b", &[("a", by.clone()), ("b", overall.clone())]),
        halves
    );
    let halves = ExpressionValue::Table(table(&[
        (&["f:a"], &[(0, 1.0)]),
        (&["f:b"], &[(0, 2.0 / 6.0)]),
    ]));
    assert_eq!(value("b / a", &[("a", by), ("b", overall)]), halves);
}

#[test]
fn nothing_over_something_is_nothing_unless_zero_is_asked_for() {
    let some = table(&[(&[], &[(0, 2.0), (10, 4.0)])]);
    assert_eq!(value("a / b", &[("b", some.clone())]), NOTHING);
    assert_eq!(
        value("default_zero(a) / b", &[("b", some.clone())]),
        ExpressionValue::Table(table(&[(&[], &[(0, 0.0), (10, 0.0)])]))
    );
    assert_eq!(value("b / 0", &[("b", some)]), NOTHING);
    assert_eq!(value("1 / 0", &[]), NOTHING);
    let gap = table(&[(&[], &[(0, 2.0)])]);
    assert_eq!(
        value("default_zero(a)", &[("a", gap)]),
        ExpressionValue::Table(table(&[(&[], &[(0, 2.0), (10, 0.0)])]))
    );
}

#[test]
fn what_is_no_formula_says_where() {
    for (text, at) in [
        ("", 1),
        ("a +", 4),
        ("(a", 3),
        ("a)", 2),
        ("a b", 3),
        ("1.2.3", 6),
        ("top(a)", 1),
        ("a // b", 4),
    ] {
        assert_eq!(formula(text).unwrap_err().at, at, "{text}");
    }
    assert!(formula(&format!("{}a{}", "(".repeat(100), ")".repeat(100))).is_err());
    assert!(metric_expressions("1 + 1").is_err());
    assert!(metric_expressions("sum:a{*},").is_err());
}

#[test]
fn a_long_formula_needs_no_deep_stack() {
    let text = "1+".repeat(8_000) + "1";
    assert_eq!(value(&text, &[]), ExpressionValue::Number(8_001.0));
    assert!(formula(&"1+".repeat(9_000)).is_err());
}

#[test]
fn several_queries_are_told_apart_by_their_text() {
    let found = metric_expressions("sum:a{x:y}.as_count() / sum:b{*}, max:c{p,q} by {h}").unwrap();
    let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        ["sum:a{x:y}.as_count() / sum:b{*}", "max:c{p,q} by {h}"]
    );
    let names: Vec<&str> = found[0]
        .1
        .leaves()
        .map(|query| query.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,100}") {
        let _ = formula(&text);
        let _ = metric_expressions(&text);
    }

    #[test]
    fn any_mix_of_tokens_is_read_or_refused(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "sum", ":", "m.x", "{", "}", "*", "a:b", ",", "AND", "OR", "NOT", "!", "IN", "(",
                ")", " by ", ".as_count()", ".rollup(", "60", ".fill(zero)", "+", "-", "/", "p95",
                "1", "abs(", " ",
            ]),
            0..50,
        )
    ) {
        let _ = metric_expressions(&tokens.concat());
        let _ = formula(&tokens.concat());
    }
}
