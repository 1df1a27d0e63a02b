#!/bin/sh
cd "$1" 2>/dev/null && test -e state || exit 0
sed -n 1,3p state; cat deadline; cut -d' ' -f1 /proc/uptime; test ! -e insist || echo insist
