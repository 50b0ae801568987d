//! Topics and queues between real functions, and the sample app with the real boto3.

use std::{fs, os::unix::fs::symlink, path::PathBuf, process::Command, time::Duration};

use serde_json::{Value, json};

use crate::{
    place::{HostingSandbox, Place, has},
    support::command::Finished,
};

const PUBLISH: &str = "\
import os, urllib.parse, urllib.request

def handler(event, context):
    text = event['queryStringParameters']['m']
    form = {'Action': 'Publish', 'TopicArn': os.environ['TOPIC'], 'Message': text,
            'MessageAttributes.entry.1.Name': 'sku', 'MessageAttributes.entry.1.Value.DataType': 'String',
            'MessageAttributes.entry.1.Value.StringValue': 'a1'}
    # As botocore and the JavaScript SDK do in Lambda.
    headers = {'X-Amzn-Trace-Id': os.environ['_X_AMZN_TRACE_ID']}
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL_SNS'], body, headers)
    return {'statusCode': 200, 'body': urllib.request.urlopen(request).read().decode()}
";

const WORK: &str = "\
import json, os

def handler(event, context):
    failures = []
    for record in event['Records']:
        told = json.loads(record['body'])
        with open(os.environ['FILE'], 'a') as file:
            file.write(' '.join([context.function_name, told['Message'], record['attributes']['ApproximateReceiveCount'],
                                 told['MessageAttributes']['sku']['Value']]) + '\\n')
        if told['Message'] == 'bad':
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
";

const NOTE: &str = "\
import os

def handler(event, context):
    with open(os.environ['FILE'], 'a') as file:
        for record in event['Records']:
            file.write('Note ' + record['Sns']['Message'] + ' ' + record['Sns']['Subject'] + '\\n')
";

fn template(file: &str) -> String {
    let function = |name: &str, file: &str, more: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{ Runtime: python3.13, CodeUri: code, \
             Handler: {file}.handler, Environment: {{ Variables: {{ FILE: !Ref File, TOPIC: !Ref News }} }}, \
             Events: {{ It: {more} }} }}\n"
        )
    };
    let reports = "FunctionResponseTypes: [ReportBatchItemFailures]";
    format!(
        "Parameters: {{ File: {{ Type: String, Default: '{file}' }} }}\nResources:\n\
         \x20 News: {{ Type: 'AWS::SNS::Topic' }}\n  Notes: {{ Type: 'AWS::SNS::Topic' }}\n\
         \x20 Dead: {{ Type: 'AWS::SQS::Queue' }}\n\
         \x20 Jobs: {{ Type: 'AWS::SQS::Queue', Properties: {{ RedrivePolicy: {{ maxReceiveCount: 2,\n\
         \x20   deadLetterTargetArn: !GetAtt Dead.Arn }} }} }}\n\
         \x20 Free: {{ Type: 'AWS::SQS::Queue', Properties: {{ VisibilityTimeout: 60,\n\
         \x20   RedrivePolicy: {{ maxReceiveCount: 2, deadLetterTargetArn: !GetAtt Lost.Arn }} }} }}\n\
         \x20 Lost: {{ Type: 'AWS::SQS::Queue' }}\n\
         \x20 Sub: {{ Type: 'AWS::SNS::Subscription', Properties: {{ TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Jobs.Arn }} }}\n\
         \x20 Raw: {{ Type: 'AWS::SNS::Subscription', Properties: {{ TopicArn: !Ref Notes, Protocol: sqs, Endpoint: !GetAtt Free.Arn,\n\
         \x20   RawMessageDelivery: true }} }}\n{}{}{}{}",
        function(
            "Publish",
            "publish",
            "{ Type: Api, Properties: { Path: /, Method: GET } }"
        ),
        function(
            "Worker",
            "work",
            &format!("{{ Type: SQS, Properties: {{ Queue: !GetAtt Jobs.Arn, {reports} }} }}")
        ),
        function(
            "Burial",
            "work",
            "{ Type: SQS, Properties: { Queue: !GetAtt Dead.Arn } }"
        ),
        function(
            "Note",
            "note",
            "{ Type: SNS, Properties: { Topic: !Ref Notes } }"
        ),
    )
}

/// A sandbox with all of it, and the file that its functions write to.
fn messaging() -> (Place, HostingSandbox, PathBuf) {
    let code = [
        ("code/publish.py", PUBLISH),
        ("code/work.py", WORK),
        ("code/note.py", NOTE),
    ];
    let place = Place::with(&code);
    let file = place.path("told");
    let text = template(&file.display().to_string());
    fs::write(place.path("template.yaml"), text).expect("a file");
    let sandbox = place.sandbox_of(&["--app", "."]);
    (place, sandbox, file)
}

fn minute(sandbox: &HostingSandbox) {
    sandbox.advance(Duration::from_secs(61));
}

#[test]
fn what_is_published_reaches_the_function_behind_the_queue_and_at_last_the_dead_letter_queue() {
    let (place, sandbox, file) = messaging();
    for text in ["good", "bad"] {
        assert_eq!(sandbox.get(&format!("/?m={text}")).status, 200);
    }
    let told = || fs::read_to_string(&file).unwrap_or_default();
    place.comes(|| told().contains("Worker good 1 a1") && told().contains("Worker bad 1 a1"));
    // Only what the function named comes back, once the visibility timeout is over; the third time it is
    // in the dead-letter queue.
    let is_over = |line: &str| {
        place.comes(|| {
            minute(&sandbox);
            told().contains(line)
        });
    };
    is_over("Worker bad 2 a1");
    is_over("Burial bad 3 a1");
    minute(&sandbox);
    assert_eq!(told().matches("good").count(), 1, "{}", told());
    assert_eq!(told().matches("Worker bad").count(), 2, "{}", told());
    // One trace leads from the publisher through the topic and the queue to the worker.
    let trace = |query: &str| {
        let found = sandbox.search("spans/events", query);
        let spans = found["data"].as_array().expect("spans").iter();
        let ids = spans.map(|span| span["attributes"]["trace_id"].to_string());
        ids.collect::<std::collections::BTreeSet<String>>()
    };
    let published = trace("service:Publish operation_name:aws.lambda");
    assert_eq!(published.len(), 2);
    for query in [
        "operation_name:aws.sns",
        "operation_name:aws.sqs",
        "service:Worker operation_name:aws.lambda",
    ] {
        let all = trace(query);
        assert!(
            !all.is_empty() && all.is_subset(&published),
            "{query} {all:?} {published:?}"
        );
    }
    let spans = sandbox.search("spans/events", "service:Worker operation_name:aws.lambda");
    let source = &spans["data"][0]["attributes"]["custom"]["function_trigger"]["event_source"];
    assert_eq!(source, "sqs", "{spans}");
    sandbox.stop();
    place.is_clean();
}

#[test]
fn a_program_sends_receives_hides_and_deletes_as_the_api_reference_of_sqs_says() {
    let (place, sandbox, _) = messaging();
    let queue = json!("http://127.0.0.1/_aws/sqs/123456789012/Free");
    let call = |action: &str, mut more: Value| {
        more["QueueUrl"] = queue.clone();
        sandbox.sqs(action, &more)
    };
    let receive = |more: Value| call("ReceiveMessage", more).body["Messages"].clone();
    let sent = call(
        "SendMessage",
        json!({
            "MessageBody": "This is a test message",
            "MessageAttributes": {
                "sku": { "DataType": "String", "StringValue": "a1" },
                "raw": { "DataType": "Binary", "BinaryValue": "AAEC" },
            },
        }),
    );
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(
        sent.body["MD5OfMessageBody"],
        "fafb00f5732ab283681e124bf8747ed1"
    );
    let first = receive(
        json!({ "WaitTimeSeconds": 5, "MessageAttributeNames": ["s*"], "AttributeNames": ["All"] }),
    );
    assert_eq!(first[0]["MessageId"], sent.body["MessageId"], "{first}");
    assert_eq!(first[0]["Body"], "This is a test message");
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    let only = json!({ "sku": { "DataType": "String", "StringValue": "a1" } });
    assert_eq!(first[0]["MessageAttributes"], only);
    // It is hidden for the queue's minute, and received a second time at most: then it is in the other.
    assert_eq!(receive(json!({})), Value::Null);
    minute(&sandbox);
    let second = receive(json!({ "VisibilityTimeout": 600, "MessageAttributeNames": ["All"] }));
    let all = second[0]["MessageAttributes"]
        .as_object()
        .map(serde_json::Map::len);
    assert_eq!(
        (second[0].get("Attributes"), all),
        (None, Some(2)),
        "{second}"
    );
    assert_eq!(
        second[0]["MD5OfMessageAttributes"],
        sent.body["MD5OfMessageAttributes"]
    );
    minute(&sandbox);
    assert_eq!(receive(json!({})), Value::Null);
    let shown = json!({ "ReceiptHandle": second[0]["ReceiptHandle"], "VisibilityTimeout": 0 });
    assert_eq!(call("ChangeMessageVisibility", shown).status, 200);
    assert_eq!(receive(json!({})), Value::Null);
    let lost =
        json!({ "QueueUrl": "http://127.0.0.1/_aws/sqs/123456789012/Lost", "WaitTimeSeconds": 5 });
    let lost = sandbox.sqs("ReceiveMessage", &lost).body["Messages"].clone();
    assert_eq!(lost[0]["MessageId"], sent.body["MessageId"], "{lost}");

    // Ten at a time; each entry of a batch stands for itself.
    let entries: Vec<Value> = (0..10)
        .map(|n| json!({ "Id": n.to_string(), "MessageBody": if n == 3 { "" } else { "x" } }))
        .collect();
    let batch = call("SendMessageBatch", json!({ "Entries": entries }));
    let count = |field: &str| batch.body[field].as_array().map(Vec::len);
    assert_eq!(
        (count("Successful"), count("Failed")),
        (Some(9), Some(1)),
        "{batch:?}"
    );
    assert_eq!(batch.body["Failed"][0]["Code"], "MissingParameter");
    let mut taken = Vec::new();
    place.comes(|| {
        let waiting = call("GetQueueAttributes", json!({})).body;
        waiting["Attributes"]["ApproximateNumberOfMessages"] == "9"
    });
    while let Some(some) = receive(json!({ "MaxNumberOfMessages": 4 })).as_array() {
        assert!(some.len() <= 4);
        for one in some {
            let id = taken.len().to_string();
            taken.push(json!({ "Id": id, "ReceiptHandle": one["ReceiptHandle"] }));
        }
        if taken.len() == 9 {
            break;
        }
    }
    assert_eq!(
        call("DeleteMessageBatch", json!({ "Entries": taken })).status,
        200
    );
    minute(&sandbox);
    assert_eq!(receive(json!({})), Value::Null);

    // What is refused has the error of the reference in both protocols' words.
    for (action, asked, kind, code) in [
        (
            "SendMessage",
            json!({}),
            "MissingRequiredParameterException",
            "MissingParameter",
        ),
        (
            "SendMessageBatch",
            json!({ "Entries": [] }),
            "EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
        ),
        (
            "ReceiveMessage",
            json!({ "MaxNumberOfMessages": 11 }),
            "InvalidParameterValueException",
            "InvalidParameterValue",
        ),
        (
            "SendMessage",
            json!({ "MessageBody": "x", "DelaySeconds": 901 }),
            "InvalidParameterValueException",
            "InvalidParameterValue",
        ),
        (
            "SendMessage",
            json!({ "MessageBody": "x".repeat(1024 * 1024 + 1) }),
            "InvalidParameterValueException",
            "InvalidParameterValue",
        ),
        (
            "DeleteMessage",
            json!({ "ReceiptHandle": "?" }),
            "ReceiptHandleIsInvalid",
            "ReceiptHandleIsInvalid",
        ),
        (
            "CreateQueue",
            json!({}),
            "UnknownOperationException",
            "InvalidAction",
        ),
    ] {
        let refused = call(action, asked);
        assert_eq!(refused.status, 400, "{action} {refused:?}");
        let kind = format!("#{kind}");
        assert!(
            refused.body["__type"]
                .as_str()
                .is_some_and(|own| own.ends_with(&kind)),
            "{refused:?}"
        );
        assert_eq!(
            refused.headers["x-amzn-query-error"],
            format!("{code};Sender")
        );
    }
    let nowhere = sandbox.sqs(
        "SendMessage",
        &json!({ "QueueUrl": "http://127.0.0.1/x/None", "MessageBody": "x" }),
    );
    assert_eq!(
        nowhere.body["__type"],
        "com.amazonaws.sqs#QueueDoesNotExist"
    );
    sandbox.stop();
    place.is_clean();
}

#[test]
fn a_topic_leads_to_functions_and_to_queues_that_get_the_message_as_it_is() {
    let (place, sandbox, file) = messaging();
    let arn = "arn:aws:sns:ap-northeast-2:123456789012:Notes";
    let entry = |n: usize, field: &str| format!("PublishBatchRequestEntries.member.{n}.{field}");
    let names: Vec<String> = (1..=2)
        .flat_map(|n| ["Id", "Message", "Subject"].map(|field| entry(n, field)))
        .collect();
    let values = ["one", "1 & 2", "s", "two", "", "s"];
    let mut form = vec![("Action", "PublishBatch"), ("TopicArn", arn)];
    form.extend(names.iter().map(String::as_str).zip(values));
    let (status, xml) = sandbox.sns(&form);
    assert_eq!(status, 200);
    assert!(
        xml.contains("<Successful><member><Id>one</Id><MessageId>"),
        "{xml}"
    );
    assert!(
        xml.contains("<Failed><member><Id>two</Id><Code>InvalidParameter</Code>"),
        "{xml}"
    );
    place.comes(|| fs::read_to_string(&file).is_ok_and(|told| told == "Note 1 & 2 s\n"));
    let free =
        json!({ "QueueUrl": "http://127.0.0.1/_aws/sqs/123456789012/Free", "WaitTimeSeconds": 5 });
    let got = sandbox.sqs("ReceiveMessage", &free).body;
    assert_eq!(got["Messages"][0]["Body"], "1 & 2", "{got}");
    let ids: Vec<String> = (1..=11).map(|n| entry(n, "Id")).collect();
    for (form, status, code) in [
        (
            vec![
                ("Action", "Publish"),
                ("TopicArn", "arn:none"),
                ("Message", "x"),
            ],
            404,
            "NotFound",
        ),
        (
            vec![("Action", "Publish"), ("TopicArn", arn)],
            400,
            "InvalidParameter",
        ),
        (vec![("Action", "<Subscribe>")], 400, "InvalidAction"),
        (
            vec![("Action", "PublishBatch"), ("TopicArn", arn)],
            400,
            "EmptyBatchRequest",
        ),
        (
            [("Action", "PublishBatch"), ("TopicArn", arn)]
                .into_iter()
                .chain(ids.iter().map(|id| (id.as_str(), "same")))
                .collect(),
            400,
            "TooManyEntriesInBatchRequest",
        ),
    ] {
        let (got, xml) = sandbox.sns(&form);
        assert_eq!(got, status, "{xml}");
        assert!(
            xml.contains(&format!("<Code>{code}</Code>")) && !xml.contains("<Subscribe>"),
            "{xml}"
        );
    }
    sandbox.stop();
    place.is_clean();
}

/// A place where the sample app's own libraries are; None, said aloud, where they are not.
fn with_boto3() -> Option<Place> {
    let place = Place::with(&[]);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/host-libraries/boto3");
    if folder.is_dir() {
        symlink(&folder, place.path("loadgen-boto3")).expect("a link");
    }
    let own = Command::new("python3")
        .args(["-c", "import boto3"])
        .output();
    let there = folder.is_dir() || own.is_ok_and(|own| own.status.success());
    if !there || !has("node") {
        eprintln!(
            "SKIPPED: node and {} are needed; tests/clients/run installs it",
            folder.display()
        );
        return None;
    }
    Some(place)
}

fn insight(run: &Value, id: &str, function: Option<&str>) -> String {
    let all = run["insights"].as_array().expect("a list");
    let found = all
        .iter()
        .find(|one| one["id"] == id && function.is_none_or(|name| one["function"] == name));
    found.map_or_else(String::new, ToString::to_string)
}

#[test]
fn the_sample_app_runs_with_boto3_and_the_insights_of_both_functions_are_seen() {
    let Some(place) = with_boto3() else {
        return;
    };
    let typed = [
        "cold-start",
        "--app",
        "sample",
        "--burst",
        "4",
        "--times",
        "2",
        "--json",
    ];
    let run = Finished::of(&mut place.loadgen(&typed)).json();
    assert_eq!(
        run["verdict"], "met",
        "{} {}",
        run["sentence"], run["insights"]
    );
    assert_eq!(run["cold"]["cold"], 8, "{}", run["cold"]);
    let consumer = "datadog-sample-sqs-consumer-function";
    let seen = insight(&run, "cold_starts", Some(consumer));
    assert!(seen.contains("invocations"), "{}", run["insights"]);
    let typed = ["errors", "--app", "sample", "--for", "2s", "--json"];
    let run = Finished::of(&mut place.loadgen(&typed)).json();
    assert_eq!(
        run["verdict"], "met",
        "{} {}",
        run["sentence"], run["insights"]
    );
    place.is_clean();
}

#[test]
fn the_sample_app_without_boto3_says_how_to_install_it() {
    let place = Place::with(&[(
        "bin/python3",
        "#!/bin/sh\ncase \"$2\" in *boto3*) exit 1;; esac\necho $0\necho python3.13\necho none\n",
    )]);
    place.executable("bin/python3");
    let mut command = place.loadgen(&["cold-start", "--app", "sample"]);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", place.path("bin").display()));
    let ended = Finished::of(&mut command);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    let way_out = "python3 -m pip install --target loadgen-boto3/python boto3";
    assert!(ended.err.contains(way_out), "{}", ended.err);
    place.is_clean();
}
