use super::*;

fn report(message: &str) -> ReportLine {
    match LogLine::parse(message) {
        Some(LogLine::Report(report)) => report,
        other => panic!("{other:?} from {message}"),
    }
}

#[test]
fn a_plain_report_has_no_init_duration() {
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/plain.txt"
    ));
    assert_eq!(read.request_id, "5b321b10-9dfa-4a05-b900-c45b96303238");
    assert_eq!(read.duration_ms, 149.53);
    assert_eq!(
        (read.memory_mb, read.memory_used_mb),
        (Some(3538), Some(163))
    );
    assert!(!read.says_cold());
    assert!(!read.timed_out());
}

#[test]
fn a_cold_start_has_an_init_duration_and_tracing_adds_its_id() {
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/cold_xray.txt"
    ));
    assert_eq!((read.duration_ms, read.init_ms), (3.10, Some(542.01)));
    assert_eq!(
        read.xray_trace_id.as_deref(),
        Some("1-6a507b87-0cc4438344b48ef127ab1931")
    );
    assert!(read.says_cold());
}

#[test]
fn a_restored_snapshot_is_a_cold_start_and_its_billed_part_is_not_its_duration() {
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/snapstart.txt"
    ));
    assert_eq!((read.duration_ms, read.restore_ms), (149.53, Some(789.64)));
    assert_eq!(read.init_ms, None);
    assert!(read.says_cold());
}

#[test]
fn fields_in_another_order_and_between_spaces_are_read_alike() {
    let read = report(
        "REPORT RequestId: 0e5c8424 Billed Restore Duration: 118 ms Restore Duration: 562.43 ms \
         Billed Duration: 278 ms Max Memory Used: 88 MB Memory Size: 1024 MB Duration: 159.87 ms",
    );
    assert_eq!((read.duration_ms, read.restore_ms), (159.87, Some(562.43)));
    assert_eq!(
        (read.memory_mb, read.memory_used_mb),
        (Some(1024), Some(88))
    );
}

#[test]
fn a_timeout_says_so_and_a_failed_init_names_its_error() {
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/timeout.txt"
    ));
    assert!(read.timed_out());
    assert_eq!(read.duration_ms, 10_000.0);
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/error.txt"
    ));
    assert_eq!(read.status.as_deref(), Some("error"));
    assert_eq!(
        read.error_type.as_deref(),
        Some("Runtime.ImportModuleError")
    );
}

#[test]
fn initialisations_on_their_own_lines_say_whether_an_invocation_waited() {
    for (message, expected) in [
        (
            "INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: timeout",
            LogLine::InitReport {
                in_invocation: false,
                ms: Some(9999.79),
            },
        ),
        (
            "INIT_REPORT Init Duration: 87.28 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError",
            LogLine::InitReport {
                in_invocation: true,
                ms: Some(87.28),
            },
        ),
        (
            "INIT_START Runtime Version: python:3.12.mainlinev2.v27\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:fb4a",
            LogLine::InitStart,
        ),
        (
            "RESTORE_REPORT Restore Duration: 789.64 ms\n",
            LogLine::RestoreReport,
        ),
    ] {
        assert_eq!(LogLine::parse(message), Some(expected), "{message}");
    }
}

#[test]
fn the_log_format_json_says_the_same() {
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/cold.json"
    ));
    assert_eq!((read.duration_ms, read.init_ms), (1233.96, Some(463.512)));
    assert_eq!(
        (read.memory_mb, read.memory_used_mb),
        (Some(256), Some(123))
    );
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/cold_xray.json"
    ));
    assert_eq!(
        read.xray_trace_id.as_deref(),
        Some("1-6352a70e-1e2c502e358361800241fd45")
    );
    let read = report(include_str!(
        "../../../tests/reference/lambda_logs/timeout.json"
    ));
    assert!(read.timed_out() && !read.says_cold());
}

#[test]
fn what_is_not_lambdas_is_passed_over() {
    for message in [
        "",
        "REPORT",
        "REPORT RequestId: x",
        "REPORT RequestId: x\tDuration: fast ms",
        "REPORT RequestId: x\tDuration: -1 ms",
        "REPORT RequestId: x\tDuration: NaN ms",
        "REPORTS are due",
        "START RequestId: x Version: $LATEST",
        "{\"level\":\"INFO\",\"message\":\"REPORT RequestId: x\"}",
        "{\"type\":\"platform.report\"}",
        "{\"type\":\"platform.report\",\"record\":{\"requestId\":\"x\",\"metrics\":null}}",
        "{",
    ] {
        assert_eq!(LogLine::parse(message), None, "{message}");
    }
}

#[test]
fn a_tracing_header_gives_its_root_whatever_its_case() {
    let root = Some("1-5759e988-bd862e3fe1be46a994272793");
    for header in [
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "root=1-5759e988-bd862e3fe1be46a994272793",
        "Self=1-67891234-abc; Root=1-5759e988-bd862e3fe1be46a994272793;lineage=1:a:0",
    ] {
        assert_eq!(xray_root(header), root, "{header}");
    }
    assert_eq!(xray_root("nothing"), None);
}
