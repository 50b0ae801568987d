"""The sample app's entry function, under the real `datadog-lambda` and `ddtrace`.

Run as a process of its own: the libraries read their settings when they are imported. Takes the
event from stdin; `sys.argv[1]` is `ok` or `error`.
"""

import json
import os
import sys
import types
import uuid

MODE = sys.argv[1]


def handler(event, context):
    if MODE == "error":
        raise Exception("Throw an error.")
    import botocore.session

    client = botocore.session.get_session().create_client("sns", region_name="us-east-1")
    topic = "arn:aws:sns:us-east-1:123456789012:datadog-sample-sns-topic"
    client.publish(TopicArn=topic, Message="Message sent to SNS")
    return {"statusCode": 200, "body": "Sent message to SNS"}


def main():
    event = json.load(sys.stdin)
    sys.modules["sample_function"] = sys.modules["__main__"]
    import datadog_lambda.handler

    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    context = types.SimpleNamespace(
        aws_request_id=str(uuid.uuid4()),
        function_name=name,
        function_version="$LATEST",
        invoked_function_arn=arn,
        memory_limit_in_mb=512,
        client_context=None,
        get_remaining_time_in_millis=lambda: 3000,
    )
    try:
        datadog_lambda.handler.handler(event, context)
    except Exception as error:  # the library passes the handler's own exception on
        if MODE != "error":
            raise
        print(f"raised: {error}", file=sys.stderr)
    import ddtrace.trace

    ddtrace.trace.tracer.flush()


if __name__ == "__main__":
    main()
