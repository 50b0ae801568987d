"""The entry function: answers API Gateway and publishes one message to SNS.

What stands outside the functions runs once per execution environment, during init: a
cold start waits for it. `handler` then runs once per invocation."""
import hmac
import json
import os
import re
import resource
import time
import uuid

import boto3

sns = boto3.client("sns")
ENVIRONMENT_ID = str(uuid.uuid4())
FAULT = re.compile(r"error|timeout|(latency;ms|memory;percent|status;code)=\d{1,6}")
init_ended = time.time()
first_invocation = True


def handler(event, context):
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    markers = evidence(context)
    print(json.dumps({"run": headers.get("x-loadgen-run"), **markers}))

    kind, number = asked_fault(headers)
    if kind == "error":
        raise Exception("Throw an error.")
    if kind == "timeout":
        time.sleep(context.get_remaining_time_in_millis() / 1000 + 1)
    if kind == "latency;ms":
        time.sleep(number / 1000)
    if kind == "memory;percent":
        hold_memory(number, context)
    if kind == "status;code":
        return answer(number, markers, "Answered %d, as asked" % number)

    message = {"from": markers["x-loadgen-request-id"], "run": headers.get("x-loadgen-run")}
    sns.publish(TopicArn=os.environ["SNS_TOPIC_ARN"], Message=json.dumps(message))
    return answer(200, markers, "Sent message to SNS")


def evidence(context):
    """Says in the response whether this was a cold start, so that no reader has to guess.

    Lambda may initialise an environment ahead of need. Like Datadog's library, count its
    first invocation as cold only within 10 s of init: after that, no request waited for it."""
    global first_invocation
    age_ms = int((time.time() - init_ended) * 1000)
    cold, first_invocation = first_invocation and age_ms <= 10_000, False
    return {
        "x-loadgen-cold-start": "true" if cold else "false",
        "x-loadgen-request-id": context.aws_request_id,
        "x-loadgen-environment-id": ENVIRONMENT_ID,
        "x-loadgen-init-age-ms": str(age_ms),
    }


def asked_fault(headers):
    """The fault a request asks for: only with this stack's key, for the address is public."""
    key = os.environ.get("LOADGEN_FAULT_KEY", "")
    given = headers.get("x-loadgen-fault-key", "")
    asked = FAULT.fullmatch(headers.get("x-loadgen-fault", "").replace(" ", ""))
    if not (key and asked and hmac.compare_digest(given.encode(), key.encode())):
        return None, 0
    kind, _, number = asked[0].partition("=")
    return kind, int(number or 0)


def hold_memory(percent, context):
    """Brings this process to that share of the function's memory. Extensions use more on top."""
    wanted = int(context.memory_limit_in_mb) * 2**20 * percent // 100
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return b"x" * max(0, wanted - peak)


def answer(status, markers, body):
    return {"statusCode": status, "headers": {"content-type": "text/plain", **markers}, "body": body}
