use proptest::prelude::*;

use super::*;

/// A subject made of fields and one text.
struct Made(Vec<(&'static str, &'static str)>, &'static str);

impl Searchable for Made {
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let name = field.to_string();
        self.0
            .iter()
            .any(|(key, value)| *key == name && test(value))
    }

    fn any_text(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        test(self.1)
    }
}

fn span() -> Made {
    Made(
        vec![
            ("service", "web"),
            ("resource_name", "GET /"),
            ("trace_id", "68126c4300000000123456789abcdef0"),
            ("@http.status_code", "502"),
            ("@duration", "1500000000"),
            ("@error.type", "builtins.Exception"),
            ("@x", "a\"b"),
        ],
        "REPORT RequestId: 8286a188 Duration: 12.5 ms",
    )
}

fn finds(query: &str) -> bool {
    Query::parse(query).unwrap().matches(&span())
}

#[test]
fn every_documented_form_finds_what_it_says() {
    for query in [
        "",
        "*",
        "  ",
        "service:web",
        "service:w*",
        "service:w?b",
        "service:*",
        "-service:api",
        "NOT service:api",
        "service:(api OR web)",
        "service:(NOT api)",
        "service:\"web\"",
        "resource_name:GET\\ \\/",
        "resource_name:\"GET /\"",
        "@http.status_code:502",
        "@http.status_code:[400 TO 599]",
        "@http.status_code:[* TO 502]",
        "@http.status_code:>=502",
        "@http.status_code:>501",
        "@http.status_code:<503",
        "@duration:>1s",
        "@duration:[1s TO 1500ms]",
        "@error.type:*Exception",
        "@x:a\\\"b",
        "@x:\"a\\\"b\"",
        "report",
        "REPORT requestid",
        "\"requestid\" OR \"RequestId: 8286a188\"",
        "8286*",
        "*:report",
        "service:web AND @http.status_code:502",
        "service:api OR service:web AND report",
        "(service:api OR service:web) -missing",
        "trace_id:68126c4300000000123456789abcdef0",
        "trace_id:1311768467463790320",
        "trace_id:123456789abcdef0",
        "--service:web",
    ] {
        assert!(finds(query), "{query}");
    }
}

#[test]
fn every_documented_form_leaves_out_the_rest() {
    for query in [
        "service:Web",
        "service:we",
        "service:w?",
        "-service:web",
        "NOT service:web",
        "service:(api OR db)",
        "service:(web AND NOT w*)",
        "@http.status_code:[400 TO 501]",
        "@http.status_code:>502",
        "@http.status_code:<502",
        "@error.type:>1",
        "repor",
        "\"RequestId 8286a188\"",
        "@missing:*",
        "service:api AND service:web OR service:db",
        "trace_id:68126c4400000000123456789abcdef0",
        "trace_id:1311768467463790321",
        "service:\"w*\"",
        "service:w\\*",
    ] {
        assert!(!finds(query), "{query}");
    }
}

#[test]
fn what_cannot_be_read_says_where() {
    for (query, at) in [
        ("service:", 9),
        ("(service:web", 13),
        ("service:web)", 12),
        ("\"open", 1),
        ("service:web AND", 16),
        ("OR service:web", 3),
        ("a OR OR b", 8),
        ("@http.status_code:[1 2]", 20),
        ("@http.status_code:[1 TO 2", 20),
        ("@http.status_code:[a TO 2]", 20),
        ("@http.status_code:>many", 24),
        ("service:web\\", 13),
        (":web", 2),
        ("@:web", 3),
        ("()", 2),
    ] {
        let error = Query::parse(query).unwrap_err();
        assert_eq!(error.at, at, "{query}: {error}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(Query::parse(&deep(60)).is_ok());
    assert!(Query::parse(&deep(100)).is_err());
    assert!(Query::parse(&format!("{}a", "NOT ".repeat(4_000))).is_ok());
    assert!(Query::parse(&format!("x:{}", deep(5_000))).is_err());
}

#[test]
fn an_exact_value_that_all_finds_share_can_be_looked_up() {
    let query = Query::parse("service:web @a:b trace_id:1311768467463790320").unwrap();
    assert_eq!(query.required("service"), Some("web"));
    assert_eq!(query.required("env"), None);
    assert_eq!(query.required_trace(), Some(1_311_768_467_463_790_320));
    for loose in ["service:web OR a", "-service:web", "service:w*"] {
        assert_eq!(Query::parse(loose).unwrap().required("service"), None);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        if let Ok(query) = Query::parse(&text) {
            query.matches(&span());
        }
    }

    #[test]
    fn any_mix_of_operators_is_read_or_refused(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "AND", "OR", "NOT", "-", "a", "service:", "@x:", "[1 TO 2]", ">", "<=",
                "\"", "\\", "*", "?", ":", " ", "1", "trace_id:", "ff",
            ]),
            0..60,
        )
    ) {
        if let Ok(query) = Query::parse(&tokens.concat()) {
            query.matches(&span());
        }
        if let Ok(query) = Query::parse(&tokens.join(" ")) {
            query.matches(&span());
        }
    }

    #[test]
    fn quoting_any_value_finds_exactly_it(value in "\\PC{0,40}", other in "\\PC{0,40}") {
        struct One(String);
        impl Searchable for One {
            fn any_value(&self, _: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
                test(&self.0)
            }
            fn any_text(&self, _: &mut dyn FnMut(&str) -> bool) -> bool {
                false
            }
        }
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let query = Query::parse(&format!("k:\"{quoted}\"")).unwrap();
        prop_assert!(query.matches(&One(value.clone())));
        prop_assert_eq!(query.matches(&One(other.clone())), other == value);
        let escaped: String = value.chars().flat_map(|c| ['\\', c]).collect();
        if !value.is_empty() {
            let query = Query::parse(&format!("k:{escaped}")).unwrap();
            prop_assert!(query.matches(&One(value)));
        }
    }

    #[test]
    fn wildcards_agree_with_the_recursive_definition(
        pattern in "[ab*?]{0,8}", value in "[ab]{0,8}"
    ) {
        fn defined(p: &[u8], v: &[u8]) -> bool {
            match (p.first(), v.first()) {
                (None, None) => true,
                (Some(b'*'), _) => {
                    defined(&p[1..], v) || (!v.is_empty() && defined(p, &v[1..]))
                }
                (Some(b'?'), Some(_)) => defined(&p[1..], &v[1..]),
                (Some(a), Some(b)) if a == b => defined(&p[1..], &v[1..]),
                _ => false,
            }
        }
        let pieces = pattern.chars().map(|c| match c {
            '*' => pattern::PatternPiece::AnyText,
            '?' => pattern::PatternPiece::AnyChar,
            c => pattern::PatternPiece::Char(c),
        }).collect();
        prop_assert_eq!(
            Pattern::of(pieces).is(&value),
            defined(pattern.as_bytes(), value.as_bytes())
        );
    }
}
