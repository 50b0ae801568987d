//! `--set KEY=VALUE`: any key, by the same rules as in the file.

use proptest::prelude::*;

use super::super::{Arrivals, Mistakes, Scenario, Setting};

const TEXT: &str = r#"
name = "set"
[request]
headers = { accept = "text/plain" }
[[phase]]
name = "first"
burst = 5
[[phase]]
name = "second"
rate = 2
for = "5s"
[thresholds]
"errors.share" = "< 1%"
"#;

fn set(settings: &[&str]) -> Result<Scenario, Mistakes> {
    let settings = settings.iter().map(|text| text.parse().expect("a setting"));
    Scenario::parse_with(TEXT, "set.toml", &settings.collect::<Vec<Setting>>())
}

#[test]
fn any_key_can_be_set_with_or_without_quotes() {
    let scenario = set(&[
        "request.method=POST",
        "request.body={\"a\": 1}",
        "request.headers.x-id=5",
        "request.expect.status=[200, 201]",
        "seed=7",
        "title=\"in quotes\"",
        "phase.first.burst=50",
        "phase.2.rate=4.5",
        "phase.second.for=1m",
        "function.memory=512MB",
        "repeat.times=3",
        "thresholds.\"response.all.p95\"=< 800ms",
        "expect.absent=[\"timeouts\"]",
    ]);
    let scenario = scenario.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(scenario.request.method, "POST");
    assert_eq!(scenario.request.headers.len(), 2);
    assert_eq!(scenario.request.expected_status, [200, 201]);
    assert_eq!((scenario.seed, scenario.repeat), (7, 3));
    assert_eq!(scenario.title, "in quotes");
    let burst = Arrivals::Burst {
        count: 50,
        within: Default::default(),
    };
    assert_eq!(scenario.phases[0].arrivals, burst);
    assert_eq!(scenario.phases[1].arrivals.expected(), 4.5 * 60.0);
    assert_eq!(scenario.thresholds.len(), 2);
    assert_eq!(scenario.expect.absent.len(), 1);
    assert_eq!(scenario.text.as_deref(), Some(TEXT));
    assert!(
        scenario
            .changes
            .contains(&"phase.first.burst = 50".to_owned())
    );
    assert!(
        scenario
            .changes
            .contains(&"request.headers.x-id = ***".to_owned())
    );
}

#[test]
fn a_list_of_phases_is_replaced_and_an_empty_value_leaves_a_key_out() {
    let scenario = set(&["phase=[{name = \"only\", burst = 1}]", "thresholds="]);
    let scenario = scenario.expect("a scenario");
    assert_eq!((scenario.phases.len(), scenario.thresholds.len()), (1, 0));
    let scenario = set(&["phase.second.rate=", "phase.second.poisson=3"]).expect("a scenario");
    assert!(matches!(
        scenario.phases[1].arrivals,
        Arrivals::Poisson { .. }
    ));
}

#[test]
fn a_mistake_in_what_is_set_is_shown_there_with_what_was_meant() {
    for (setting, said) in [
        ("request.methd=POST", "did you mean `method`?"),
        ("request.method=PSOT", "did you mean \"POST\"?"),
        ("phase.frist.burst=5", "did you mean `first`?"),
        ("phase.9.burst=5", "no `phase` is called `9`"),
        ("phase.first.burst=many", "burst"),
        ("phase.first.burst=0", "burst"),
        ("seed.x=1", " belongs"),
        ("phase.first.burst.x=1", "holds a value"),
        ("a b=1", "--set"),
        ("seed=", "x"),
    ] {
        match set(&[setting]) {
            Err(mistakes) => {
                let shown = mistakes.to_string();
                assert!(shown.contains(said) && shown.contains("--set"), "{shown}");
            }
            Ok(scenario) => assert_eq!((setting, scenario.seed), ("seed=", 0)),
        }
    }
    for none in ["seed", "=5", "  = 5", "\"a=b\""] {
        assert!(none.parse::<Setting>().is_err(), "{none}");
    }
}

proptest! {
    #[test]
    fn no_setting_panics_and_what_was_set_reads_again(text in "([a-z.\\[\\]\"= {}0-9-]|phase|first|request|name){1,12}=.{0,12}") {
        if let Ok(setting) = text.parse::<Setting>() {
            prop_assert_eq!(setting.typed().parse::<Setting>(), Ok(setting.clone()));
            match Scenario::parse_with(TEXT, "set.toml", std::slice::from_ref(&setting)) {
                Ok(scenario) => prop_assert_eq!(scenario.set, [setting]),
                Err(mistakes) => prop_assert!(!mistakes.to_string().is_empty()),
            }
        }
    }
}
