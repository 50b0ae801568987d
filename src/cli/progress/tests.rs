use super::*;
use crate::{
    insight::{ClientView, KnownSettings},
    scenario::{Expect, Scenario},
    stats::Requests,
};

const TWO_ROUNDS: &str = "name = \"two\"\n[[phase]]\nname = \"idle\"\nidle = \"1m\"\n\
    [[phase]]\nname = \"burst\"\nburst = 4\n[repeat]\ntimes = 2\n";

fn progress() -> Progress {
    let scenario = Scenario::parse(TWO_ROUNDS, "two.toml").expect("a scenario");
    let schedule = Schedule::of(&scenario).expect("a schedule");
    let view = ClientView::new("entry", KnownSettings::default());
    Progress::new(&schedule, Watch::new(view, Expect::default()), true)
}

/// Sums in which so many requests of each step are over.
fn tally(over: &[u64]) -> Tally {
    let step = |completed: &u64| OutcomeCounts {
        requests: Requests {
            completed: *completed,
            ..Requests::default()
        },
        ..OutcomeCounts::default()
    };
    let mut tally = Tally::default();
    tally.steps = over.iter().map(step).collect();
    tally
}

#[test]
fn the_phase_is_the_one_whose_requests_are_in_flight_though_the_next_has_begun() {
    let mut progress = progress();
    let none = tally(&[0, 0, 0, 0]);
    progress.step(0, &none);
    progress.step(1, &none);
    let three = tally(&[0, 3, 0, 0]);
    progress.step(2, &three);
    assert_eq!(progress.current, Some(2), "the second round idles");
    assert_eq!(progress.in_flight(&three), 1);
    assert_eq!(
        progress.stands(&three),
        "burst 1/2: 3 of 4 requests completed, 0 failed"
    );
    assert_eq!(progress.in_flight(&tally(&[0, 4, 0, 0])), 2);
}

#[test]
fn a_phase_that_is_waited_for_says_how_long() {
    let mut progress = progress();
    let none = tally(&[0, 0, 0, 0]);
    progress.step(0, &none);
    progress.idle(Duration::from_secs(600));
    let said = progress.stands(&none);
    assert!(
        said.starts_with("idle 1/2: ") && said.ends_with(" to go"),
        "{said}"
    );
}

#[test]
fn without_a_terminal_a_long_phase_speaks_after_each_silence() {
    let mut progress = progress();
    progress.bar = None;
    progress.talks = true;
    let none = tally(&[0, 0, 0, 0]);
    progress.step(1, &none);
    let before = progress.said;
    progress.speak_after_silence(&none);
    assert_eq!(progress.said, before, "not yet");
    if let Some(long_ago) = Instant::now().checked_sub(SILENCE) {
        progress.said = long_ago;
        progress.speak_after_silence(&none);
        assert!(progress.said > long_ago, "it spoke");
    }
}
