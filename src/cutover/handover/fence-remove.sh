#!/bin/sh
while "$1" -D INPUT -j "$2" 2>/dev/null; do :; done
"$1" -n -L "$2" >/dev/null 2>&1 || exit 0
"$1" -F "$2"; "$1" -X "$2"
