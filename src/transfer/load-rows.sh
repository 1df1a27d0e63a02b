#!/bin/bash
# with: unpack.sh
# Arguments: database, charset, session settings. Only row statements count: each dump has settings of its own around
# them, and a line that clients before 2024 fail on.
set -o pipefail; export LC_ALL=C
m=$(command -v mariadb || command -v mysql) || exit 127
unpack | awk '/^(INSERT|REPLACE) INTO / { inside = 1 } inside { print } inside && /\);$/ { inside = 0 }' |
  "$m" --binary-mode --default-character-set="$2" --max-allowed-packet=1G --init-command="$3" \
    --loose-skip-print-query-on-error -- "$1" >&2
