#!/bin/bash
set -e -o pipefail
if [ "$5" = serving ]; then
  # Everything else on the source goes first.
  renice -n 19 -p $$ > /dev/null 2>&1 || true
  ionice -c 3 -p $$ 2> /dev/null || true
fi
tell "$@"
