#!/bin/bash
while [ $# -gt 1 ]; do
  # shellcheck disable=SC2016 # the inner bash expands it
  (timeout 2 bash -c ': >"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null && echo "$1 $2 open" || echo "$1 $2 closed") &
  shift 2
done; wait
