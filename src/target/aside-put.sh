#!/bin/sh
there() { test -e "$1" || test -L "$1"; }
there "$1" || exit 0
there "$2" && exit 0
grep -qsF -- "$3" "$1" && exit 0
mv -T -- "$1" "$2"
