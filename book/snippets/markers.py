# Beside the handler's imports: runs once per execution environment, during its initialisation.
import time, uuid
ENVIRONMENT, BEGAN, FIRST = str(uuid.uuid4()), time.time(), [True]


def markers(context):
    age = int((time.time() - BEGAN) * 1000)
    # Lambda may initialise ahead of need: after 10 s nobody waited for it.
    cold = bool(FIRST) and FIRST.pop() and age <= 10_000
    return {
        "x-loadgen-cold-start": "true" if cold else "false",
        "x-loadgen-request-id": context.aws_request_id,
        "x-loadgen-environment-id": ENVIRONMENT,
        "x-loadgen-init-age-ms": str(age),
    }

# In the handler: return {"statusCode": 200, "headers": markers(context), "body": "..."}
