#!/usr/bin/env bash
# Runs all tests: types, lint, unit tests, live tests, then faults on light machines beside whole swaps in the lab.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lab/requirements.sh || { echo "npm test needs such a machine; here these still run: npm run test:unit" >&2; exit 1; }

stage() { # TITLE COMMAND...
  local title=$1 began=$SECONDS; shift
  printf '\n== %s\n' "$title"
  "$@" || { echo "== $title FAILED after $((SECONDS - began)) s" >&2; exit 1; }
  done+=("$title: $((SECONDS - began)) s")
}
done=()
stage types npx tsc --noEmit -p .
stage lint npx biome check .
stage "unit tests" npx vitest run --project unit
stage build npm run --silent build
stage "images of the lab" lab/lab.sh build
stage "live tests" npx vitest run --project live

# Both mostly wait for their own machines, so one takes little from the other. What the first says is shown at its end.
faults() { npx vitest run --project faults >"$said" 2>&1; }
both() {
  local failed=0
  faults & trap 'kill -INT $! 2>/dev/null; wait' INT TERM
  npx vitest run --project swap --bail 1 || failed=1
  echo "waiting for the faults on light machines, which began with the swaps"
  wait $! || failed=1
  trap - INT TERM
  cat "$said"
  return $failed
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
stage "faults on light machines and swaps in the lab" both
printf '\n== all of it passed\n'
printf '%s\n' "${done[@]}"
