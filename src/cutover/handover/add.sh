#!/bin/sh
# with: ../../hosts/python.sh
add() { while [ $# -ge 5 ]; do
  ! ip -o addr show dev "$3" to "$1" tentative | grep -q . || ip addr del "$1/$2" dev "$3"
  nodad=; case $1 in *:*) nodad=nodad ;; esac
  ip addr replace "$1/$2" dev "$3" ${4:+brd "$4"} ${5:+label "$5"} ${nodad:+nodad}
  shift 5
done; }
add "$@"
py announce 3 0.005 "$@"
