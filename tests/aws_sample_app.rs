//! The sample app that readers deploy: the template holds the handlers as they are, and the
//! handlers do what loadgen asks of them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use loadgen::{control, lambda::Fault};

/// CloudFormation's limit for inline code, in characters (AWS CloudFormation user guide,
/// AWS::Lambda::Function Code).
const ZIP_FILE_LIMIT: usize = 4096;
/// CloudFormation's limit for a template that is sent with the call, in bytes.
const TEMPLATE_BODY_LIMIT: usize = 51_200;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("book/sample-app")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The inline code that the template says is the file `name`.
fn inlined(template: &str, name: &str) -> String {
    let mut lines = template
        .lines()
        .skip_while(|line| line.trim() != format!("ZipFile: | # {name}"));
    let head = lines.next().expect("the template inlines the file");
    let indent = " ".repeat(head.len() - head.trim_start().len() + 2);
    let block: Vec<&str> = lines
        .take_while(|line| line.is_empty() || line.starts_with(&indent))
        .map(|line| line.strip_prefix(&indent).unwrap_or(line))
        .collect();
    format!("{}\n", block.join("\n").trim_end())
}

#[test]
fn the_template_inlines_both_handlers_unchanged_and_within_cloudformations_limits() {
    let template = file("template.yaml");
    assert!(template.len() < TEMPLATE_BODY_LIMIT);
    for name in ["entry.py", "consumer.js"] {
        let handler = file(name);
        assert_eq!(
            inlined(&template, name),
            handler,
            "run: python3 book/sample-app/inline.py"
        );
        assert!(handler.chars().count() <= ZIP_FILE_LIMIT, "{name}");
        assert!(
            handler.lines().count() < 80,
            "{name} is to be read in one go"
        );
    }
}

#[test]
fn the_template_keeps_the_names_tags_and_outputs_that_the_guide_speaks_of() {
    let template = file("template.yaml");
    for line in [
        "FunctionName: datadog-sample-entry-function",
        "FunctionName: datadog-sample-sqs-consumer-function",
        "TopicName: datadog-sample-sns-topic",
        "QueueName: datadog-sample-sqs-queue",
        "StageName: datadog-sample-app-stage",
        "ApiGatewayInvokeURL:",
        "EntryFunctionName:",
        "DatadogFunctionLink:",
        "DD_SERVERLESS_FLUSH_STRATEGY: end",
        "DD_CAPTURE_LAMBDA_PAYLOAD: \"true\"",
        "DD_TRACE_ENABLED: \"true\"",
    ] {
        assert!(
            template.lines().any(|found| found.trim() == line),
            "no line `{line}`"
        );
    }
    for secret in ["DdApiKey", "LoadgenFaultKey"] {
        let declared = template
            .split_once(&format!("\n  {secret}:\n"))
            .expect(secret)
            .1;
        assert!(
            declared.lines().take(2).any(|l| l.trim() == "NoEcho: true"),
            "{secret}"
        );
    }
}

#[test]
fn the_entry_function_speaks_of_the_headers_that_loadgen_reads_and_sends() {
    let entry = file("entry.py");
    for header in [
        control::COLD_START_HEADER,
        control::REQUEST_ID_HEADER,
        control::ENVIRONMENT_ID_HEADER,
        control::INIT_AGE_HEADER,
        control::RUN_HEADER,
        control::FAULT_HEADER,
        control::FAULT_KEY_HEADER,
    ] {
        assert!(entry.contains(&format!("\"{header}\"")), "{header}");
    }
}

/// The program, or a loud skip where it is absent. In CI it must be there.
fn program(name: &str) -> Option<Command> {
    let there = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there {
        let mut command = Command::new(name);
        command
            .current_dir(folder())
            .env("PYTHONDONTWRITEBYTECODE", "1");
        return Some(command);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "`{name}` is needed in CI to test the handlers"
    );
    eprintln!("SKIPPED: `{name}` is not installed, so the handlers were not run");
    None
}

fn passes(mut command: Command) {
    let output = command.output().expect("it starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_python_handler_passes_its_own_tests() {
    if let Some(mut python) = program("python3") {
        python.args(["-m", "unittest", "discover", "."]);
        passes(python);
    }
}

#[test]
fn the_node_handler_passes_its_own_tests() {
    if let Some(mut node) = program("node") {
        node.args(["--test", "consumer.test.js"]);
        passes(node);
    }
}

#[test]
fn the_python_handler_understands_every_fault_as_loadgen_writes_it() {
    let Some(mut python) = program("python3") else {
        return;
    };
    let faults = [
        "error",
        "timeout",
        "latency;ms=1",
        "latency;ms=900000",
        "memory;percent=200",
        "status;code=503",
    ]
    .map(|text| text.parse::<Fault>().expect(text));
    let asked = "import os, sys, types; sys.modules['boto3'] = types.SimpleNamespace(client=print); \
        os.environ['LOADGEN_FAULT_KEY'] = 'k'; import entry; \
        [print(*entry.asked_fault({'x-loadgen-fault': f, 'x-loadgen-fault-key': 'k'})) for f in sys.argv[1:]]";
    python
        .args(["-c", asked])
        .args(faults.iter().map(Fault::to_string));
    let output = python.output().expect("it starts");
    let understood = String::from_utf8_lossy(&output.stdout);
    let understood: Vec<&str> = understood.lines().skip(1).collect();
    assert_eq!(understood.len(), faults.len());
    for (fault, understood) in faults.iter().zip(understood) {
        let (kind, number) = understood.split_once(' ').expect(understood);
        let rebuilt = match number {
            "0" => kind.to_owned(),
            _ => format!("{kind}={number}"),
        };
        assert_eq!(rebuilt, fault.to_string());
    }
}
