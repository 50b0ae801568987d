//! A process that runs out of file descriptors. The limit is the process's, so the run happens
//! in a child: this binary again, with one ignored test. The server stays here, out of its reach.

use std::process::Command;

use loadgen::{engine::EndReason, sample::Outcome};

use crate::support::{OK, Peer, Plan, Server, job, run};

/// Where the child finds the server.
const ADDRESS: &str = "LOADGEN_TEST_ADDRESS";

#[test]
fn a_run_out_of_file_descriptors_goes_on_with_those_it_has() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if !peer.send(OK.as_bytes()).await {
                return;
            }
        }
    });
    let this = std::env::current_exe().expect("a path");
    let child = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 40 && exec \"$0\" --exact --ignored descriptors::with_few_descriptors",
        ])
        .arg(this)
        .env(ADDRESS, server.address.to_string())
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
#[ignore = "runs in a process of its own, started by the test above"]
fn with_few_descriptors() {
    let address = std::env::var(ADDRESS).expect("the test above says where its server is");
    let plan = [Plan::Burst(200), Plan::Rate(50, 10, None)];
    let mut job = job(&format!("http://{address}/"), &plan);
    job.max_in_flight = 200;
    job.request.timeout = std::time::Duration::from_secs(2);
    let ran = run(job);
    assert_eq!(ran.ended.end, EndReason::Completed);
    assert_eq!(ran.ended.totals.not_sent, 0);
    let outcomes = ran.outcomes();
    for outcome in [Outcome::Ok, Outcome::LocalLimit] {
        assert!(outcomes.contains(&outcome), "{:?}", ran.ended.reasons);
    }
}
