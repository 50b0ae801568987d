//! What a run finds out, and how often it reads what it has written.

use loadgen::{
    insight::{Basis, Id},
    record::{TargetKind, Verdict},
    run::{RunTarget, Verified, VerifyOptions, run, verify},
    sample::Evidence,
    scenario::Scenario,
    stats::{Class, Measure},
};

use crate::{
    support::server::plain_server,
    watching::{
        CONSUMER, ENTRY, Watching, completed, finding, folder, is_recorded, once, options, record,
        scenario,
    },
};

#[test]
fn cold_starts_are_seen_by_marker_and_their_insight_on_both_functions() {
    let scenario = Scenario::load("cold-start").expect("a built-in scenario");
    let run = completed(&scenario).run;
    assert_eq!((run.requests.sent, run.cold.cold), (60, 60));
    assert_eq!(run.cold.evidence.get(&Evidence::Marker), Some(&60));
    // How long the environments took to come up stands in the REPORT lines, of each request.
    assert_eq!(run.init_times.as_ref().map(|times| times.joined), Some(60));
    let cold = |measure| &run.latency_ms[&measure][&Class::Cold];
    assert_eq!(cold(Measure::Init).n, 60);
    let (init, response) = (cold(Measure::Init).p50, cold(Measure::Response).p50);
    assert!(
        init > Some(0.0) && init < response,
        "{init:?} of {response:?}"
    );
    for function in [ENTRY, CONSUMER] {
        let finding = finding(&run, Id::ColdStarts, function);
        assert_eq!(finding.verdict, Verdict::Seen, "{finding:?}");
        assert_eq!(finding.basis, Basis::Sandbox, "{finding:?}");
    }
    let unexpected = |verdict| verdict == Verdict::Unexpected;
    assert!(
        !run.insights
            .iter()
            .any(|finding| unexpected(finding.verdict))
    );
}

#[test]
fn errors_are_seen_and_told_apart_from_temperature() {
    let run = completed(&once("errors")).run;
    assert_eq!(run.failures["function_error"], 20);
    for id in [Id::Errors, Id::HighErrors] {
        assert_eq!(finding(&run, id, ENTRY).verdict, Verdict::Seen);
    }
    // A bare 502 has no marker: what is known of its temperature comes from its trace.
    assert_eq!(run.cold.evidence.get(&Evidence::Trace), Some(&20));
    assert_eq!(run.cold.unknown, 0);
}

#[test]
fn quiet_traffic_shows_no_insight_on_the_entry_function() {
    let run = completed(&Scenario::load("quiet").expect("a built-in scenario")).run;
    for finding in run
        .insights
        .iter()
        .filter(|finding| finding.function == ENTRY)
    {
        let quiet = matches!(finding.verdict, Verdict::Absent | Verdict::CannotTell);
        assert!(quiet, "{finding:?}");
    }
}

#[test]
fn a_server_that_gives_no_evidence_leaves_its_temperature_unknown() {
    let folder = folder();
    let scenario = scenario(
        "[[phase]]\nname = \"burst\"\nburst = 10\n[expect]\ninsights = [\"cold_starts\"]\n",
    );
    let target = RunTarget::at(&plain_server()).expect("a target");
    let ended = run(&scenario, target, &options(folder.path()), &mut ()).expect("a run");
    let run = ended.run;
    assert_eq!(run.target.kind, TargetKind::Http);
    assert_eq!((run.requests.completed, run.cold.unknown), (10, 10));
    assert_eq!(
        (run.cold.share_low, run.cold.share_high),
        (Some(0.0), Some(1.0))
    );
    let unnamed = finding(&run, Id::ColdStarts, "(unnamed function)");
    assert_eq!(unnamed.verdict, Verdict::CannotTell);
    assert_eq!(run.target.functions.entry, None);
}

#[test]
fn samples_are_read_once_and_written_back_with_what_was_learned() {
    let folder = folder();
    let file = record(&folder).samples_file();
    let mut watching = Watching {
        on_asking: Some(Box::new(move || {
            // Whoever reads the file again finds none of the 20.
            std::fs::write(&file, "").expect("emptied");
        })),
        ..Watching::default()
    };
    let options = options(folder.path());
    let ended = run(
        &once("cold-start"),
        RunTarget::Embedded,
        &options,
        &mut watching,
    );
    let run = ended.expect("a run").run;
    assert_eq!(run.cold.cold, 20);
    let samples: Vec<_> = record(&folder).samples().expect("samples").collect();
    assert_eq!(samples.len(), 20);
    assert!(samples.iter().all(|sample| sample.init_us.is_some()));
    is_recorded(&folder, &run);
    let calls = ["planned", "begins", "sent", "asking", "asked"];
    assert_eq!(watching.calls, calls);
}

#[test]
fn a_run_that_was_not_verified_can_be_later_over_its_own_telemetry() {
    let folder = folder();
    let mut options = options(folder.path());
    options.verify = false;
    let ended = run(&once("cold-start"), RunTarget::Embedded, &options, &mut ());
    let run = ended.expect("a run").run;
    assert_eq!(finding(&run, Id::ColdStarts, ENTRY).basis, Basis::Client);
    let verified = verify(record(&folder), &VerifyOptions::default(), &mut ());
    let Ok(Verified::Judged(judged)) = verified else {
        panic!("nobody was asked");
    };
    let finding = finding(&judged.run, Id::ColdStarts, ENTRY);
    assert_eq!(
        (finding.verdict, finding.basis),
        (Verdict::Seen, Basis::Sandbox)
    );
    is_recorded(&folder, &judged.run);
}
