#!/bin/sh
failed=$1; shift
[ ! -e "$failed" ] || exit 0
said=$("$@" 2>&1); code=$?
printf '%s
' "$said"
[ "$code" = 0 ] || printf '%s
' "exit $code: $(printf '%s
' "$said" | tail -n 3)" > "$failed"
