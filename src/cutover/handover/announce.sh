#!/bin/sh
# with: ../../hosts/python.sh
there() { while [ $# -ge 5 ]; do
  ip -o addr show dev "$3" to "$1" | grep -q . || { echo "$1 is not on $3 any more" >&2; exit 1; }
  shift 5
done; }
rounds=$1 pause=$2
shift 2
there "$@"
py announce "$rounds" "$pause" "$@"
