//! Telemetry of the sample app as Datadog's libraries send it, made up for tests of the pages.

use std::collections::BTreeMap;

use loadgen::telemetry::store::{
    DeploymentEvent, LogEntry, MetricKind, MetricPoint, Span, TelemetryRecord,
};

pub const ENTRY: &str = "datadog-sample-entry-function";
pub const CONSUMER: &str = "datadog-sample-sqs-consumer-function";
pub const SERVICE: &str = "datadog-serverless-sample-app";
pub const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"/opt/python/lib/python3.13/site-packages/datadog_lambda/wrapper.py\", line 192, in __call__\n    self.response = self.func(event, context, **kwargs)\n                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/var/task/entry.py\", line 31, in handler\n    raise Exception('Throw an error.')\nException: Throw an error.\n";

/// What one request did.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    pub cold: bool,
    pub failed: bool,
    /// Tells requests apart.
    pub number: u64,
}

fn tags(function: &str, cold: bool) -> Vec<String> {
    [
        "region:ap-northeast-2",
        "account_id:123456789012",
        &format!("functionname:{function}"),
        &format!("resource:{function}"),
        "memorysize:512",
        &format!("cold_start:{cold}"),
        if function == ENTRY {
            "runtime:python3.13"
        } else {
            "runtime:nodejs22.x"
        },
        &format!("service:{SERVICE}"),
        "env:dev",
        "version:1.0.0",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn metric(name: &str, at_ms: i64, value: f64, function: &str, cold: bool) -> TelemetryRecord {
    TelemetryRecord::Metric(MetricPoint {
        name: format!("aws.lambda.enhanced.{name}"),
        kind: MetricKind::Distribution,
        at_ms,
        value,
        tags: tags(function, cold).into(),
    })
}

#[derive(Clone)]
pub struct SpanOf {
    pub span: Span,
}

impl SpanOf {
    pub fn new(
        trace: u128,
        id: u64,
        parent: u64,
        name: &str,
        service: &str,
        resource: &str,
    ) -> SpanOf {
        SpanOf {
            span: Span {
                trace_id: trace,
                span_id: id,
                parent_id: parent,
                name: name.to_owned(),
                service: service.to_owned(),
                resource: resource.to_owned(),
                kind: "web".to_owned(),
                start_ns: 0,
                duration_ns: 0,
                error: false,
                meta: BTreeMap::new(),
                metrics: BTreeMap::new(),
            },
        }
    }

    pub fn ms(mut self, start: f64, length: f64) -> SpanOf {
        self.span.start_ns = (start * 1e6) as i64;
        self.span.duration_ns = (length * 1e6) as i64;
        self
    }

    pub fn tag(mut self, key: &str, value: impl Into<String>) -> SpanOf {
        self.span.meta.insert(key.to_owned(), value.into());
        self
    }

    pub fn kind(mut self, kind: &str) -> SpanOf {
        self.span.kind = kind.to_owned();
        self
    }

    pub fn record(self) -> TelemetryRecord {
        TelemetryRecord::Span(self.span)
    }
}

pub fn trace_id(number: u64) -> u128 {
    (0x6b02_d33d_0000_0000_u128 << 64) | u128::from(0x1234_5678_0000_0000_u64 + number)
}

fn log(
    at_ms: i64,
    status: &str,
    function: &str,
    request: &str,
    message: String,
) -> TelemetryRecord {
    let arn = format!("arn:aws:lambda:ap-northeast-2:123456789012:function:{function}");
    TelemetryRecord::Log(LogEntry {
        at_ms,
        status: status.to_owned(),
        service: SERVICE.to_owned(),
        host: arn.clone(),
        source: "lambda".to_owned(),
        message,
        tags: vec!["env:dev".to_owned(), format!("functionname:{function}")],
        attributes: serde_json::json!({"lambda": {"arn": arn, "request_id": request}}),
    })
}

/// Everything that one request leaves behind: both functions, API Gateway, SNS and SQS.
pub fn records(call: Call) -> Vec<TelemetryRecord> {
    let Call {
        at_ms,
        cold,
        failed,
        number,
    } = call;
    let trace = trace_id(number);
    let id = |place: u64| number * 16 + place + 1;
    let at = at_ms as f64;
    let init = if cold {
        900.0 + (number % 7) as f64 * 40.0
    } else {
        0.0
    };
    let work = 48.0 + (number % 11) as f64 * 3.0;
    let request = format!("{number:08x}-2222-4333-8444-555555555555");
    let start = at + 6.0 + init;
    let mut out = vec![
        metric("invocations", at_ms, 1.0, ENTRY, cold),
        metric("duration", at_ms, work / 1e3, ENTRY, cold),
        metric(
            "estimated_cost",
            at_ms,
            6.3e-7 + (work + init) * 8.3e-9,
            ENTRY,
            cold,
        ),
        metric(
            "max_memory_used",
            at_ms,
            79.0 + (number % 5) as f64,
            ENTRY,
            cold,
        ),
        metric("memorysize", at_ms, 512.0, ENTRY, cold),
    ];
    if cold {
        out.push(metric("init_duration", at_ms, init / 1e3, ENTRY, cold));
    }
    if failed {
        out.push(metric("errors", at_ms, 1.0, ENTRY, cold));
        out.push(metric("errors", at_ms, 1.0, ENTRY, cold));
    }
    out.push(
        SpanOf::new(
            trace,
            id(0),
            77,
            "aws.apigateway",
            "sandboxapi.execute-api.ap-northeast-2.amazonaws.com",
            "GET /",
        )
        .ms(at, init + work + 9.0)
        .tag("http.method", "GET")
        .tag("http.status_code", if failed { "502" } else { "200" })
        .tag("http.useragent", "loadgen/0.1")
        .tag("stage", "datadog-sample-app-stage")
        .record(),
    );
    let mut entry = SpanOf::new(trace, id(1), id(0), "aws.lambda", SERVICE, ENTRY)
        .ms(start, work)
        .kind("serverless")
        .tag("functionname", ENTRY)
        .tag("request_id", request.clone())
        .tag("cold_start", cold.to_string())
        .tag("function_trigger.event_source", "api-gateway")
        .tag("function.request.headers.User-Agent", "loadgen/0.1")
        .tag("function.request.headers.X-Loadgen-Run", "01-cold-start")
        .tag("function.request.httpMethod", "GET")
        .tag("function.request.path", "/")
        .tag("function.request.body", "None");
    entry = if failed {
        entry.span.error = true;
        entry
            .tag("error.type", "builtins.Exception")
            .tag("error.message", "Throw an error.")
            .tag("error.stack", TRACEBACK)
            .tag("http.status_code", "502")
    } else {
        entry
            .tag("function.response.statusCode", "200")
            .tag("function.response.body", "Sent message to SNS")
            .tag("http.status_code", "200")
    };
    out.push(entry.record());
    if cold {
        out.push(
            SpanOf::new(trace, id(2), id(1), "aws.lambda.load", "aws.lambda", ENTRY)
                .ms(at + 4.0, init)
                .kind("aws.lambda.load")
                .record(),
        );
    }
    let end = (start + work) as i64;
    out.push(log(
        start as i64,
        "info",
        ENTRY,
        &request,
        format!("START RequestId: {request} Version: $LATEST"),
    ));
    if failed {
        out.push(log(
            end,
            "error",
            ENTRY,
            &request,
            format!("[ERROR] Exception: Throw an error.\n{TRACEBACK}"),
        ));
    }
    let tail = if cold {
        format!("\tInit Duration: {init:.2} ms\t")
    } else {
        "\t".to_owned()
    };
    out.push(log(end, "info", ENTRY, &request, format!(
        "REPORT RequestId: {request}\tDuration: {work:.2} ms\tBilled Duration: {} ms\tMemory Size: 512 MB\tMax Memory Used: {} MB{tail}",
        work.ceil(), 79 + number % 5
    )));
    if !failed {
        consumer(&mut out, call, start + work, trace, &id);
    }
    out
}

fn consumer(
    out: &mut Vec<TelemetryRecord>,
    call: Call,
    from: f64,
    trace: u128,
    id: &dyn Fn(u64) -> u64,
) {
    let Call { cold, number, .. } = call;
    let init = if cold { 430.0 } else { 0.0 };
    let start = from + 38.0 + init;
    let at_ms = start as i64;
    let request = format!("{number:08x}-3333-4333-8444-555555555555");
    for (name, value) in [
        ("invocations", 1.0),
        ("duration", 0.011),
        ("estimated_cost", 3.1e-7),
        ("max_memory_used", 93.0),
        ("memorysize", 512.0),
    ] {
        out.push(metric(name, at_ms, value, CONSUMER, cold));
    }
    out.push(
        SpanOf::new(trace, id(3), id(1), "sns.command", "aws.sns", "sns.publish")
            .ms(from - 30.0, 24.0)
            .kind("http")
            .record(),
    );
    out.push(
        SpanOf::new(
            trace,
            id(4),
            id(3),
            "aws.sns",
            "datadog-sample-sns-topic",
            "datadog-sample-sns-topic",
        )
        .ms(from - 10.0, 20.0)
        .record(),
    );
    out.push(
        SpanOf::new(
            trace,
            id(5),
            id(4),
            "aws.sqs",
            "datadog-sample-sqs-queue",
            "datadog-sample-sqs-queue",
        )
        .ms(from + 10.0, 28.0 + init)
        .record(),
    );
    out.push(
        SpanOf::new(trace, id(6), id(5), "aws.lambda", SERVICE, CONSUMER)
            .ms(start, 11.0)
            .kind("serverless")
            .tag("functionname", CONSUMER)
            .tag("request_id", request.clone())
            .tag("cold_start", cold.to_string())
            .tag("function_trigger.event_source", "sqs")
            .tag("function.request.Records.0.eventSource", "aws:sqs")
            .tag(
                "function.request.Records.0.body.Message",
                "Message sent to SNS",
            )
            .tag(
                "function.response.body",
                "Successfully consumed SQS message",
            )
            .tag("function.response.statusCode", "200")
            .record(),
    );
    out.push(log(at_ms + 11, "info", CONSUMER, &request, format!(
        "REPORT RequestId: {request}\tDuration: 11.00 ms\tBilled Duration: 11 ms\tMemory Size: 512 MB\tMax Memory Used: 93 MB\t"
    )));
}

/// Three bursts of `n` after 15 minutes of idling each, then a minute of steady traffic of which
/// every fifth request fails between a break and a restore. Ends before `now_ms`.
pub fn a_run(now_ms: i64, n: u64) -> Vec<TelemetryRecord> {
    each_of_a_run(now_ms, n).collect()
}

/// The same, made one request at a time.
pub fn each_of_a_run(now_ms: i64, n: u64) -> impl Iterator<Item = TelemetryRecord> {
    let from = now_ms - 50 * 60_000;
    let broken = from + 40 * 60_000;
    let call = |at_ms, cold, failed, number| Call {
        at_ms,
        cold,
        failed,
        number,
    };
    let bursts = (0..3u64).flat_map(move |burst| {
        let began = from + burst as i64 * 15 * 60_000;
        (0..n + 20).map(move |place| {
            let number = burst * (n + 20) + place;
            match place.checked_sub(n) {
                None => call(began + (number % 17) as i64 * 3, true, false, number),
                Some(second) => call(began + 3_000 + second as i64 * 400, false, false, number),
            }
        })
    });
    let steady = (0..n * 5).map(move |step| {
        let at_ms = broken + (60_000 * step / (n * 5)) as i64;
        call(at_ms, step == 0, step % 5 == 4, 3 * (n + 20) + step)
    });
    let changes = [
        (broken - 2_000, "raise Exception('Throw an error.') put in"),
        (broken + 62_000, "the original code restored"),
    ];
    let changes = changes.map(|(at_ms, detail)| {
        TelemetryRecord::Deployment(DeploymentEvent {
            at_ms,
            function: ENTRY.to_owned(),
            event: "UpdateFunctionCode20150331v2".to_owned(),
            detail: detail.to_owned(),
        })
    });
    bursts.chain(steady).flat_map(records).chain(changes)
}
