"""Runs a Python handler behind Lambda's Runtime API, as awslambdaric does, with the standard library."""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime"
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=None)
request_id = ""


class Context:
    """The context object (AWS Lambda developer guide, "Using the Lambda context object")."""

    identity = client_context = None

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self):
        return max(int(self.deadline_ms - time.time() * 1000), 0)


class LogHandler(logging.Handler):
    def emit(self, record):
        print(self.format(record).replace("\n", "\r"))


class LogFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = request_id
        return super().format(record)


def call(method, path, body=None):
    connection.request(method, API + path, body, {"Content-Type": "application/json"} if body else {})
    response = connection.getresponse()
    return response.headers, response.read()


def failure(kind, message, frames=()):
    # A carriage return keeps a traceback one line of the log, as in awslambdaric.
    lines = [f"[ERROR] {kind}: {message}"]
    if frames:
        lines += ["Traceback (most recent call last):"] + [frame.rstrip("\n") for frame in frames]
    print("\r".join(line.replace("\n", "\r") for line in lines))
    return json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": list(frames)}).encode()


def raised(error, skip=1):
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[skip:])
    return failure(type(error).__name__, str(error), frames)


def find_handler():
    """The handler; or the error that Lambda would report."""
    text = os.environ["_HANDLER"]
    module, dot, name = text.rpartition(".")
    if not dot:
        return None, failure("Runtime.MalformedHandlerName", f"Bad handler '{text}': not enough values to unpack (expected 2, got 1)")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        return None, failure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").rstrip()}'
        return None, failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}", [where])
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = next((i for i, frame in enumerate(frames) if frame.filename.startswith(os.environ["LAMBDA_TASK_ROOT"])), 0)
        return None, raised(error, own)
    if not hasattr(found, name):
        return None, failure("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    return getattr(found, name), None


def main():
    global request_id
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    log = LogHandler()
    log.setFormatter(LogFormatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(log)
    handler, wrong = find_handler()
    if wrong:
        call("POST", "/init/error", wrong)
        sys.exit(1)
    while True:
        headers, event = call("GET", "/invocation/next")
        context = Context(headers)
        request_id = context.aws_request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        outcome = "response"
        try:
            result = handler(json.loads(event), context)
        except Exception as error:
            outcome, body = "error", raised(error)
        else:
            try:
                body = json.dumps(result).encode()
            except Exception as error:
                outcome, body = "error", failure("Runtime.MarshalError", f"Unable to marshal response: {error}")
        sys.stdout.flush()
        call("POST", f"/invocation/{request_id}/{outcome}", body)


main()
