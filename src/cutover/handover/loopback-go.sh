#!/bin/sh
free() { while [ $# -ge 5 ]; do
  ip addr del "$1" dev lo || ! ip -o addr show dev lo to "$1" | grep -q .
  shift 5
done; }
free "$@"
