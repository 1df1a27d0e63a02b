#!/bin/sh
if test -e "$2" || test -L "$2"; then mv -fT -- "$2" "$1"
elif grep -qsF -- "$3" "$1"; then rm -f -- "$1"; fi
