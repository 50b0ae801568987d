//! Keys, types and numbers.

use super::{before, one, phase};

#[test]
fn an_unknown_key_is_told_with_the_one_that_was_meant() {
    one(
        &phase("bust = 20\nburst = 20"),
        "4:1 `bust` is no key of `phase`",
        "did you mean `burst`?",
    );
    one(&before("sed = 1"), "2:1 `sed`", "did you mean `seed`?");
    one(
        &before("[function]\nmemroy = \"1GB\""),
        "3:1 `memroy`",
        "did you mean `memory`?",
    );
    one(
        &before("[repeat]\nhow_often = 3\ntimes = 3"),
        "3:1 `how_often`",
        "the keys of `repeat` are `times`",
    );
}

#[test]
fn a_missing_key_is_told_where_it_should_stand() {
    one(
        "[[phase]]\nname = \"p\"\nburst = 1",
        "1:1 a scenario has no `name`",
        "\"cold-start\".",
    );
    one(
        "name = \"x\"",
        "1:1 a scenario has no `phase`",
        "the line `[[phase]]`.",
    );
    one(
        "name = \"x\"\n[[phase]]\nburst = 1",
        "2:1 `phase` has no `name`",
        "share one.",
    );
    one(
        &before("[repeat]"),
        "2:1 `repeat` has no `times`",
        "1 to 100,000.",
    );
    one("name = \"x\"\nphase = []", "2:9 `phase` has 0 entries", "");
    let single = "name = \"x\"\n[phase]\nname = \"p\"\nburst = 1";
    one(
        single,
        "2:1 `phase` is a table, where a list belongs",
        "the line `[[phase]]`.",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_what_belongs_there() {
    one(
        &phase("burst = \"20\""),
        "4:9 `burst` is text, where an integer belongs",
        "`within`.",
    );
    one(
        &phase("burst = 2.5"),
        "4:9 `burst` is a number, where an integer belongs",
        "",
    );
    one(
        &phase("idle = 15"),
        "4:8 `idle` is an integer, where text belongs",
        "\"15m\".",
    );
    one(
        &phase("idle = 1979-05-27"),
        "4:8 `idle` is a date, where text belongs",
        "",
    );
    one(
        &before("[function]\nmemory = true"),
        "3:10 `memory` is true or false",
        "\"512MB\".",
    );
    one(
        &before("request = []"),
        "2:11 `request` has 0 entries, fewer than 1",
        "",
    );
    let unquoted = before("[thresholds]\nresponse.warm.p95 = \"< 1s\"");
    one(
        &unquoted,
        "3:1 `response` is a table",
        "\"response.warm.p95\" = \"< 800ms\".",
    );
}

#[test]
fn numbers_out_of_range_and_numbers_that_are_none_are_refused() {
    one(
        &phase("burst = 0"),
        "4:9 `burst` is 0: it must be at least 1",
        "",
    );
    one(
        &phase("burst = -3"),
        "4:9 `burst` is -3: it must be at least 1",
        "",
    );
    one(
        &phase("burst = 99999999"),
        "4:9 `burst` is 99999999: it must be at most 1000000",
        "",
    );
    one(
        &phase("burst = 99999999999999999999"),
        "4:9 `burst` is a number too large",
        "",
    );
    for rate in ["0", "-5", "nan", "inf", "-inf", "1e7", "1e999"] {
        one(
            &phase(&format!("rate = {rate}\nfor = \"1s\"")),
            "4:8 `rate` is ",
            "",
        );
    }
    let ramp = |ramp| phase(&format!("ramp = {{ {ramp} }}\nfor = \"1s\""));
    one(
        &ramp("from = -1, to = 5"),
        "4:17 `from` is -1: it must be at least 0",
        "",
    );
    one(
        &ramp("from = 0, to = 0"),
        "4:8 the phase `p` sends no request",
        "",
    );
    let share = |share| {
        phase(&format!(
            "burst = 10\nfault = {{ kind = \"error\", share = {share} }}"
        ))
    };
    one(
        &share("1.5"),
        "5:35 `share` is 1.5: it must be at most 1",
        "",
    );
    one(&share("0"), "5:35 `share` is 0: it must be above 0", "");
    one(
        &share("nan"),
        "5:35 `share` is NaN: it must be a finite number",
        "",
    );
    one(
        &share("0.01"),
        "5:9 a share of 0.01 of 10 requests comes to none",
        "",
    );
    one(&before("[repeat]\ntimes = 0"), "3:9 `times` is 0", "");
}

#[test]
fn durations_that_are_none_are_refused() {
    for idle in [
        "soon",
        "-3s",
        "15",
        "",
        "PT15M",
        "99999999h",
        "1e9s",
        "NaNs",
    ] {
        one(&phase(&format!("idle = \"{idle}\"")), "4:8 `", "");
    }
    one(&phase("idle = \"0s\""), "4:8 `idle` is zero", "");
    one(&phase("rate = 1\nfor = \"0ms\""), "5:7 `for` is zero", "");
    one(
        &phase("burst = 2\nwithin = \"-1s\""),
        "5:10 `-1s` is negative",
        "",
    );
    one(
        &before("[request]\ntimeout = \"0s\""),
        "3:11 `timeout` is zero",
        "",
    );
    one(
        &before("[request]\ntimeout = \"16m\""),
        "3:11 no answer",
        "at most \"15m\"",
    );
    one(
        &before("[function]\ntimeout = \"1500ms\""),
        "3:11 `1500ms` is no timeout",
        "\"15m\"",
    );
}
