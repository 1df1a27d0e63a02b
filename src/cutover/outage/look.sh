#!/bin/sh
n=0
while [ $n -lt 345600 ]; do
  ss -t -n "$@" || exit 1
  echo .
  n=$((n + 1)); sleep 0.25
done
