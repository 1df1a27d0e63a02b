#!/bin/sh
# take-over.ts writes lines before this that set the unit and how long an election takes; the loopback has the
# addresses.
# shellcheck disable=SC2154,SC2034
there() { while [ $# -ge 5 ]; do
  ip -o addr show dev "$3" to "$1" | grep -q . || return 1
  shift 5
done; }
# keepalived removes existing addresses when it starts, and adds them when it is elected.
settled() {
  still=0 turns=0
  while [ "$still" -lt "$election" ]; do
    sleep 1
    turns=$((turns + 1)) still=$((still + 1))
    there "$@" || still=0
    [ "$turns" -lt "$((election * 3 + 10))" ] || return 1
  done
}
systemctl reset-failed "$unit" 2>/dev/null || :
late=
{ systemctl start "$unit" && settled "$@"; } || late=yes
