#!/usr/bin/env bash
# One run of loadgen on many machines of a Slurm cluster, merged into one run.
#
#   ./slurm.sh gang 4 run scenario.toml --url https://api.example.com --yes
#   ./slurm.sh array 4 run scenario.toml --url https://api.example.com --yes
#
# gang starts all shards as the tasks of one job step (srun), array as the jobs of an array (sbatch).
# loadgen must be installed on every node, and this folder be shared by all of them. Secrets go into the
# environment (export DD_API_KEY=…), which Slurm hands to the tasks: they stand in no argument and no log.
set -euo pipefail

how=$1 shards=$2
shift 2
# Where shards and the merged run go, and how long the slowest shard may take to come: one that comes
# later does not send what was due before.
out=${OUT:-$PWD/loadgen-shards}
start="@$(($(date +%s) + ${WAIT:-30}))"
mkdir -p "$out"

task='out=$1 start=$2; shift 2
exec loadgen "$@" --shard auto --start-at "$start" --out "$out/shard-${SLURM_ARRAY_TASK_ID:-$SLURM_PROCID}" --quiet'

ended=0
case $how in
  gang)
    # A shard that fails leaves the others running: loadgen merge says what is missing.
    srun --ntasks "$shards" --kill-on-bad-exit=0 --output "$out/%t.log" \
      bash -c "$task" loadgen "$out" "$start" "$@" || ended=$?
    ;;
  array)
    script="$out/task.sh"
    { echo '#!/usr/bin/env bash'; printf 'set -- %q %q' "$out" "$start"; printf ' %q' "$@"; echo; echo "$task"; } >"$script"
    # A shard that was started again would send its requests twice.
    sbatch --wait --no-requeue --array "0-$((shards - 1))" --output "$out/%a.log" "$script" || ended=$?
    ;;
  *)
    echo "usage: slurm.sh gang|array SHARDS run SCENARIO…" >&2
    exit 2
    ;;
esac
[ "$ended" = 0 ] || echo "slurm.sh: not every shard ended well (exit code $ended), see $out/*.log" >&2

loadgen merge "$out"/shard-*/ --out "$out/merged"
