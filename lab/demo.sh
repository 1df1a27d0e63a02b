#!/usr/bin/env bash
# The whole swap, for a person to watch: demo.sh [--keep]
# --keep leaves the swapped cloud running and says how to inspect it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for word in "$@"; do
  [ "$word" = --keep ] || { echo "usage: npm run demo [-- --keep]" >&2; exit 2; }
done
lab/requirements.sh
npm run --silent build
cache=${SWAPCTL_LAB:-/var/cache/swapctl-lab}
mkdir -p "$cache"
# Only one at a time: two swaps in one lab would destroy each other's state.
flock --nonblock --conflict-exit-code 75 --close "$cache/demo.lock" bash -c '
  set -e
  lab/lab.sh reset
  exec node dist/lab/demo.js "$@"' demo "$@" || { code=$?; [ $code != 75 ] || echo "demo: another one runs (its lock: $cache/demo.lock)" >&2; exit $code; }
