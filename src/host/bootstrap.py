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


class ImportTimer:
    """A finder before all others: times the modules that the handler imports, each with those that it imports."""

    # Shorter ones count as a part of the module that imports them, in nanoseconds.
    SHORTEST, MOST = 100_000, 100

    def __init__(self):
        self.times = []

    def find_spec(self, name, path=None, target=None):
        began = time.time_ns()
        finders = (getattr(finder, "find_spec", None) for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, (find(name, path, target) for find in finders if find)), None)
        # Only a loader of one module can be told apart.
        if spec and getattr(spec.loader, "name", None) == name and hasattr(spec.loader, "exec_module"):
            run = spec.loader.exec_module

            def exec_module(module):
                try:
                    return run(module)
                finally:
                    took = time.time_ns() - began
                    if took >= self.SHORTEST:
                        self.times.append((name[:100], began, took))

            spec.loader.exec_module = exec_module
        return spec

    def longest(self):
        return sorted(self.times, key=lambda module: -module[2])[: self.MOST]


class LogHandler(logging.Handler):
    def emit(self, record):
        print(self.format(record).replace("\n", "\r"))


class LogFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = request_id
        return super().format(record)


def call(method, path, body=None, headers={}):
    connection.request(method, API + path, body, {"Content-Type": "application/json"} if body else headers)
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
    # Datadog's library has a timer of its own.
    timer = None if "DD_LAMBDA_HANDLER" in os.environ else ImportTimer()
    sys.meta_path[:0] = [timer] if timer else []
    began = time.time_ns()
    handler, wrong = find_handler()
    if wrong:
        call("POST", "/init/error", wrong)
        sys.exit(1)
    loaded = {}
    if timer:
        load = {"began": began, "took": time.time_ns() - began, "modules": timer.longest()}
        sys.meta_path.remove(timer)
        loaded = {"Loadgen-Load": json.dumps(load)}
    while True:
        headers, event = call("GET", "/invocation/next", headers=loaded)
        loaded = {}
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
