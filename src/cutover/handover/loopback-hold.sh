#!/bin/sh
hold() { while [ $# -ge 5 ]; do
  ip addr replace "$1" dev lo
  shift 5
done; }
hold "$@"
