#!/bin/sh
dads=
quiet() { while [ $# -ge 5 ]; do
  case $1 in *:*)
    dads="net/ipv6/conf/$3/dad_transmits=$(sysctl -n "net/ipv6/conf/$3/dad_transmits") $dads"
    sysctl -q -w "net/ipv6/conf/$3/dad_transmits=0" ;;
  esac
  shift 5
done; }
quiet "$@"
