#!/usr/bin/env bash
# One run of loadgen as an array job of AWS Batch, merged into one run, by your own `aws` command.
#
#   QUEUE=my-queue IMAGE=ACCOUNT.dkr.ecr.REGION.amazonaws.com/loadgen-aws BUCKET=my-bucket \
#   JOB_ROLE=arn:aws:iam::ACCOUNT:role/loadgen \
#     ./aws-batch.sh 4 run s3://my-bucket/scenario.toml --url https://api.example.com
#
# The image is the target loadgen-aws of the Containerfile; JOB_ROLE may read and write the bucket. Secrets that
# the scenario names as ${NAME} come from Secrets Manager: SECRETS='[{"name":"TOKEN","valueFrom":"arn:…"}]',
# with EXECUTION_ROLE, a role that may read them. They stand in no argument, definition or log.
set -euo pipefail

shards=$1 scenario=$3
[ "$2" = run ] || { echo 'usage: aws-batch.sh SHARDS run s3://…/SCENARIO.toml …' >&2; exit 2; }
shift 3
# So long the slowest job may take to start: one that comes later does not send what was due before.
start="@$(($(date +%s) + ${WAIT:-300}))"
run=${RUN:-loadgen-$(date -u +%Y%m%dT%H%M%SZ)}
place="s3://$BUCKET/$run"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# What each job does. Its own arguments are the scenario, the start, the place, and loadgen's.
# shellcheck disable=SC2016 # these are the job's variables
task='set -eu
scenario=$1 start=$2 place=$3; shift 3
aws s3 cp --only-show-errors "$scenario" /shards/scenario.toml
ended=0
loadgen run /shards/scenario.toml "$@" --shard auto --start-at "$start" --yes --quiet \
  --out "/shards/$AWS_BATCH_JOB_ARRAY_INDEX" || ended=$?
aws s3 cp --only-show-errors --recursive "/shards/$AWS_BATCH_JOB_ARRAY_INDEX" "$place/$AWS_BATCH_JOB_ARRAY_INDEX"
exit "$ended"'

TASK=$task RUN=$run SHARDS=$shards python3 - "$work" "$scenario" "$start" "$place" "$@" --shards "$shards" <<'PYTHON'
import json, os, pathlib, sys

work, arguments = pathlib.Path(sys.argv[1]), sys.argv[2:]
env = os.environ
container = {
    "image": env["IMAGE"],
    "command": ["/bin/sh", "-c", env["TASK"], "loadgen", *arguments],
    "jobRoleArn": env["JOB_ROLE"],
    "resourceRequirements": [
        {"type": "VCPU", "value": env.get("VCPU", "1")},
        {"type": "MEMORY", "value": env.get("MEMORY", "2048")},
    ],
    "readonlyRootFilesystem": False,
    "user": "65532:65532",
    "secrets": json.loads(env.get("SECRETS", "[]")),
}
if "EXECUTION_ROLE" in env:
    container["executionRoleArn"] = env["EXECUTION_ROLE"]
platform = env.get("PLATFORM", "FARGATE")
if platform == "FARGATE":
    container["networkConfiguration"] = {"assignPublicIp": env.get("PUBLIC_IP", "ENABLED")}
definition = {
    "jobDefinitionName": env["RUN"],
    "type": "container",
    "platformCapabilities": [platform],
    "containerProperties": container,
    # A shard that was started again would send its requests twice.
    "retryStrategy": {"attempts": 1},
    "timeout": {"attemptDurationSeconds": int(env.get("TIMEOUT", "3600"))},
}
job = {
    "jobName": env["RUN"],
    "jobQueue": env["QUEUE"],
    "jobDefinition": env["RUN"],
    "arrayProperties": {"size": int(env["SHARDS"])},
}
(work / "definition.json").write_text(json.dumps(definition))
(work / "job.json").write_text(json.dumps(job))
PYTHON

definition=$(aws batch register-job-definition --cli-input-json "file://$work/definition.json" \
  --query jobDefinitionArn --output text)
job=$(aws batch submit-job --cli-input-json "file://$work/job.json" --query jobId --output text)
echo "AWS Batch job $job: $shards shards start at $start, $place" >&2
while :; do
  status=$(aws batch describe-jobs --jobs "$job" --query 'jobs[0].status' --output text)
  case $status in SUCCEEDED | FAILED) break ;; esac
  sleep "${POLL:-15}"
done
aws batch deregister-job-definition --job-definition "$definition" || true
[ "$status" = SUCCEEDED ] || echo "aws-batch.sh: not every shard ended well" >&2

aws s3 cp --only-show-errors --recursive "$place" "$run"
loadgen merge "$run"/*/ --out "$run/merged"
