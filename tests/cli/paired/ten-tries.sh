#!/bin/bash
# ten-tries.sh LOADGEN: ten tries of `loadgen ab` on two real Python processes; B imports `beta` 10 ms slower (6 -> 16 ms).
# Prints for each try: whether it was found within 60 pairs, and on which module it was put.
set -eu
BIN=$(readlink -f "$1"); APP=$(readlink -f "$(dirname "$0")/app.py"); TRIES=${TRIES:-10}
DIR=$(mktemp -d); PIDS=()
trap 'kill "${PIDS[@]}" 2>/dev/null; rm -rf "$DIR"' EXIT
cd "$DIR"
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
app() { # NAME BETA_MS INTAKE PORT
  mkdir -p "$1"
  for module in "alpha 4" "beta $2" "gamma 8"; do
    set -- "$1" "$2" "$3" "$4" $module
    printf 'import time\ntime.sleep(%s / 1000)\n' "$6" > "$1/$5.py"
  done
  printf 'import json, alpha, beta, gamma\ndef handler(event):\n    return event\n' > "$1/handler.py"
  python3 "$APP" "$4" "$3" "$DIR/$1" 2>>"$DIR/$1.log" & PIDS+=($!)
  for _ in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/"$4") 2>/dev/null && return; sleep 0.05; done
  echo "$1 does not listen"; exit 1
}
echo "$("$BIN" --version), load $(cut -d' ' -f1-3 /proc/loadavg)"
FOUND=0; NAMED=0
for TRY in $(seq "$TRIES"); do
  PIDS=(); IP=$(port)
  "$BIN" sandbox --json --port "$IP" > sandbox.json 2>sandbox.log & PIDS+=($!)
  for _ in $(seq 100); do [ -s sandbox.json ] && break; sleep 0.05; done
  INTAKE=$(python3 -c 'import json; print(json.load(open("sandbox.json"))["datadog_url"])')
  AP=$(port); app a 6 "$INTAKE" "$AP"
  BP=$(port); app b 16 "$INTAKE" "$BP"
  set +e
  timeout 900 "$BIN" ab "http://127.0.0.1:$AP/" "http://127.0.0.1:$BP/" --idle 500ms --warm 1 --pairs 60 --seed "$TRY" \
    --function paired-function --datadog-url "$INTAKE" --fail-on "init.cold.p50 > 5%" --format json --quiet > "try-$TRY.json" 2> "try-$TRY.err"
  CODE=$?
  set -e
  RESULT=$(python3 - "try-$TRY.json" "$TRY" "$CODE" <<'P'
import json, sys
try: r = json.load(open(sys.argv[1]))
except Exception as why: print("0 0 try %s: no result (exit %s): %s" % (sys.argv[2], sys.argv[3], why)); sys.exit()
found, place = r["finding"] == "more", ((r.get("place") or {}).get("text") or "-")
named = "`beta`" in place
figure = next(f for f in r["figures"] if f["metric"] == r["deciding"])
pc = lambda x: "-" if x is None else "%+.1f %%" % (100 * x)
print("%d %d try %s: %s after %d pairs: %s %s (%s to %s); %s; notes: %s" % (found, named, sys.argv[2], r["finding"], figure["pairs"], r["deciding"],
  pc(figure["change"]), pc(figure["low"]), pc(figure["high"]), place, "; ".join(n["text"] for n in r["notes"]) or "none"))
P
)
  echo "${RESULT#* * }"; FOUND=$((FOUND + ${RESULT%% *})); REST=${RESULT#* }; NAMED=$((NAMED + ${REST%% *}))
  kill "${PIDS[@]}" 2>/dev/null || true; wait 2>/dev/null || true
done
echo "found in $FOUND of $TRIES, put on \`beta\` in $NAMED of $TRIES, load $(cut -d' ' -f1-3 /proc/loadavg)"
