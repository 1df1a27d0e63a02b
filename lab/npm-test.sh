#!/usr/bin/env bash
# Runs all tests: types, lint, unit tests, live tests, faults on light machines, and whole swaps in the lab.
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
stage "faults on light machines" npx vitest run --project faults
stage "swaps in the lab" npx vitest run --project swap --bail 1
printf '\n== all of it passed\n'
printf '%s\n' "${done[@]}"
