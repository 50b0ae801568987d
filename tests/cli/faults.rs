//! What happens around a run: signals, full disks, a system without ports. Whatever it is, the
//! report is kept and the exit code is right.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value;

use crate::{
    place::{Place, signal, until_samples},
    support::{command::ignores_a_closed_terminal, server::plain_server},
};

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("stdout is no JSON: {error}; stderr: {said}")
    })
}

pub fn note(run: &Value, part: &str) -> bool {
    let notes = run["notes"].as_array().expect("notes");
    notes.iter().any(|note| {
        note["text"]
            .as_str()
            .is_some_and(|note| note.contains(part))
    })
}

/// Whether this system lets a test have a network and mounts of its own; says so if not.
pub fn may_unshare(what: &str) -> bool {
    let probe = "mount -t tmpfs none /mnt && ip link set lo up";
    let tried = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "--mount",
            "sh",
            "-c",
            probe,
        ])
        .output();
    let may = tried.is_ok_and(|tried| tried.status.success());
    if !may {
        eprintln!(
            "SKIPPED: {what} needs namespaces, `ip` and `mount`, which are not to be had here"
        );
    }
    may
}

#[test]
fn sigterm_and_a_closed_terminal_end_a_run_as_ctrl_c_does() {
    for name in ["TERM", "HUP"] {
        if name == "HUP" && ignores_a_closed_terminal() {
            eprintln!("SKIPPED: under nohup, a closed terminal ends nothing");
            continue;
        }
        let place = Place::new();
        let child = place
            .command(&["run", "steady", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("loadgen starts");
        until_samples(&place);
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130), "{name}");
        let run = json(&output);
        assert_eq!(run["interrupted"], true, "{name}");
        assert_eq!(run["requests"]["sent"], run["requests"]["completed"]);
        assert_eq!(place.run(&["report", "--format", "json"]).json(), run);
    }
}

#[test]
fn under_nohup_a_closed_terminal_is_ignored() {
    let place = Place::new();
    let server = plain_server();
    let child = place
        .shell(&format!(
            "trap '' HUP; exec \"$0\" bench {server} --rate 20/s --duration 2s --json"
        ))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    until_samples(&place);
    signal(&child, "HUP");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["requests"]["completed"], 40);
}

#[test]
fn nobody_reading_stderr_stops_no_run() {
    let place = Place::new();
    let mut child = place
        .command(&["cold-start", "--times", "1", "--burst", "2", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("loadgen starts");
    drop(child.stderr.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["requests"]["completed"], 2);
}

#[test]
fn samples_that_find_no_room_are_missing_on_disk_only() {
    let place = Place::new();
    let server = plain_server();
    // Files of at most 32 KiB: enough for run.json, not for 1,000 samples.
    let output = place
        .shell(&format!(
            "trap '' XFSZ; ulimit -f 64; \
             exec \"$0\" bench {server} --rate 1000/s --duration 1s --json"
        ))
        .output()
        .expect("a shell");
    let run = json(&output);
    assert_eq!(output.status.code(), Some(0), "{run}");
    assert!(
        note(&run, "not every sample is on disk"),
        "{}",
        run["notes"]
    );
    assert_eq!(run["requests"]["completed"], 1000);
    assert_eq!(run["latency_ms"]["response"]["all"]["n"], 1000);
    assert_eq!(run["samples"]["lost"], true);
    assert_eq!(place.run(&["report", "--format", "json"]).json(), run);
}

#[test]
fn a_full_disk_takes_neither_the_report_nor_the_exit_code() {
    if !may_unshare("a full disk") {
        return;
    }
    let place = Place::new();
    let server = plain_server();
    let script = format!(
        "mkdir full && mount -t tmpfs -o size=48k none full && \
         exec \"$0\" bench {server} --rate 1000/s --duration 1s --out full/run --json"
    );
    let output = place
        .within(
            &["unshare", "--user", "--map-root-user", "--mount"],
            &script,
        )
        .output()
        .expect("unshare runs");
    let run = json(&output);
    assert!(
        note(&run, "not every sample is on disk"),
        "{}",
        run["notes"]
    );
    assert_eq!(run["requests"]["completed"], 1000);
    assert_eq!(run["latency_ms"]["response"]["all"]["n"], 1000);
    assert_eq!(output.status.code(), Some(0), "{}", run["notes"]);
}

#[test]
fn a_system_out_of_ports_is_a_class_of_failure() {
    if !may_unshare("running out of ports") {
        return;
    }
    let place = Place::new();
    // The sandbox has one of twelve ports, so a burst of 40 cannot have a connection each.
    let script = "ip link set lo up && \
                  echo 40000 40011 > /proc/sys/net/ipv4/ip_local_port_range && \
                  exec \"$0\" cold-start --times 1 --burst 40 --new-connections --json --quiet";
    let output = place
        .within(&["unshare", "--user", "--map-root-user", "--net"], script)
        .output()
        .expect("unshare runs");
    let run = json(&output);
    // What the scenario expects is seen on those that got through, but most of them did not.
    assert_eq!(output.status.code(), Some(1), "{}", run["sentence"]);
    let sentence = run["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains("× limit of this machine"), "{sentence}");
    let failures = run["failures"]["local_limit"].as_u64();
    assert!(
        failures.is_some_and(|count| count > 0),
        "{}",
        run["failures"]
    );
    assert!(note(&run, "no local port left"), "{}", run["notes"]);
    let kept = place.newest().expect("a run").join("run.json");
    assert!(kept.exists());
}

#[test]
fn a_server_that_only_resets_leaves_a_report_and_exit_code_1() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut first = [0; 16];
            let _ = stream.read(&mut first);
            let _ = stream.write_all(b"HTTP/1.1 200");
        }
    });
    let place = Place::new();
    let url = format!("http://{address}/");
    let ended = place.run(&[
        "bench",
        &url,
        "--rate",
        "50/s",
        "--duration",
        "1s",
        "--json",
    ]);
    assert_eq!(ended.code, Some(1));
    let run = ended.json();
    assert_eq!(
        run["failures"]["connection_closed"], 50,
        "{}",
        run["failures"]
    );
    assert_eq!(place.run(&["report", "--format", "json"]).json(), run);
}
