#!/bin/sh
unit=$1; shift
if systemctl is-active --quiet "$unit.service"; then echo "$unit.service runs already" >&2; exit 125; fi
trap 'systemctl stop "$unit.service"; systemctl reset-failed "$unit.service" 2>/dev/null; exit 124' TERM INT HUP
systemctl reset-failed "$unit.service" 2>/dev/null
"$@" <&0 &
wait $!; code=$?
[ $code -ne 0 ] || exit 0
result=$(systemctl show --property=Result "$unit.service" 2>/dev/null)
systemctl reset-failed "$unit.service" 2>/dev/null
case $result in
  '' | Result=exit-code) exit $code ;;
  Result=success) exit 125 ;;
  *) echo "$unit.service came to no end of its own: ${result#Result=}" >&2; exit 125 ;;
esac
