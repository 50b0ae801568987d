//! What a request costs in allocations: a fixed one none, alone or in a flow. A binary of its own, since what is
//! counted is the process's.

use std::{
    alloc::System,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use loadgen::{
    engine::{self, IdleStrategy, Job, RequestSpec, StopSignal, WallClock},
    flow::{BasePath, FlowScript, WantedParts},
    scenario::{Arrivals, Scenario},
    schedule::{Arrival, Step},
    units::Address,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"id\":\"c-1\"}";

/// Answers each request without an allocation of its own.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                let mut filled = 0;
                while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]) {
                    filled += read;
                    if buffer[..filled].ends_with(b"\r\n\r\n") {
                        filled = 0;
                        stream.write_all(ANSWER).expect("sent");
                    }
                }
            });
        }
    });
    address
}

fn spec() -> RequestSpec {
    RequestSpec {
        method: "GET".to_owned(),
        host: None,
        headers: vec![("x-fixed".to_owned(), "a".to_owned())],
        varying: Vec::new(),
        wanted: WantedParts::default(),
        body: Vec::new(),
        timeout: Duration::from_secs(20),
        expected_status: Vec::new(),
        signer: None,
    }
}

/// A burst of so many arrivals, of one request or of a scenario's flow.
fn job(address: SocketAddr, count: u64, requests: Option<&str>) -> Job {
    let flows = requests.map(|requests| {
        let text = format!("name = \"x\"\n{requests}\n[[phase]]\nname = \"all\"\nburst = 1\n");
        let scenario = Scenario::parse(&text, "x.toml").unwrap_or_else(|error| panic!("{error}"));
        let traffic = scenario.traffic.as_ref().expect("requests");
        let base = BasePath {
            path: "/",
            query: None,
        };
        FlowScript::of(&scenario, traffic, base, &[], &|_| None).expect("a script")
    });
    let target = Address::parse(&format!("http://{address}/")).expect("a target");
    let of = flows.as_ref().map_or(&[][..], FlowScript::requests);
    let specs = of.iter().map(|one| RequestSpec {
        headers: one.headers.clone(),
        varying: one.varying.clone(),
        wanted: one.wanted,
        ..spec()
    });
    let mut specs: Vec<RequestSpec> = specs.collect();
    let others = specs.split_off(specs.len().min(1));
    let within = Duration::ZERO;
    Job {
        others: others
            .into_iter()
            .map(|spec| (target.clone(), spec))
            .collect(),
        request: specs.pop().unwrap_or_else(spec),
        flows: flows.map(Arc::new),
        target,
        steps: vec![Step {
            phase: 0,
            name: "all".to_owned(),
            cycle: 0,
            start: Duration::ZERO,
            length: Duration::ZERO,
            arrivals: Arrivals::Burst { count, within },
            count,
            first_index: 0,
            only: None,
            function: 0,
            functions: 1,
            requests: count,
            fault: None,
            faults: 0,
        }],
        arrivals: Box::new((0..count).map(|index| Arrival {
            index,
            step: 0,
            at: Duration::ZERO,
            fault: None,
            function: 0,
            flow: 0,
        })),
        run_id: "run-1".to_owned(),
        fault_key: None,
        trace: None,
        max_in_flight: 4,
        connection_use: Default::default(),
        idle: IdleStrategy::Wait,
        give_up: None,
        most_resent: u64::MAX,
        wall: WallClock::default(),
        tls: None,
        part: Default::default(),
    }
}

/// How many allocations each further request brings.
fn each(address: SocketAddr, requests: Option<&str>) -> f64 {
    const FEW: u64 = 2_000;
    const MANY: u64 = 12_000;
    let counted = |count: u64| {
        let region = Region::new(COUNTED);
        let job = job(address, count, requests);
        let ended = engine::run(job, drop, &StopSignal::new()).expect("it begins");
        assert_eq!(ended.totals.failed + ended.totals.timed_out, 0, "{ended:?}");
        let change = region.change();
        let made = change.allocations + change.reallocations;
        (ended.totals.completed, made as f64)
    };
    let ((few, of_few), (many, of_many)) = (counted(FEW), counted(MANY));
    (of_many - of_few) / (many - few) as f64
}

#[test]
fn a_fixed_request_allocates_nothing_and_one_that_differs_does() {
    const FIXED: &str =
        "[[request]]\nname = \"one\"\npath = \"/orders\"\nheaders = { x-own = \"b\" }\n";
    const VARIES: &str = "[[request]]\nname = \"one\"\npath = \"/orders/${random(1,9)}\"\n";
    let address = server();
    let alone = each(address, None);
    let in_flow = each(address, Some(FIXED));
    let varies = each(address, Some(VARIES));
    println!(
        "allocations for each request: alone {alone:.3}, of a flow {in_flow:.3}, with a template {varies:.3}"
    );
    // The lists of the engine grow by doubling.
    assert!(alone < 0.01, "{alone}");
    assert!(in_flow < 0.01, "{in_flow}");
    // What is counted is the engine's.
    assert!(varies > 0.9, "{varies}");
}
