#!/bin/bash
# MariaDB 11 renamed its programs; use the one that exists. MySQL's own mysqldump writes GTIDs and asks for statistics,
# which MariaDB does not know. `first`: options that must come before all others.
set -o pipefail
d=$(command -v mariadb-dump || command -v mysqldump) || exit 127
case $("$d" --version) in *MariaDB*) o=() ;; *) o=(--loose-set-gtid-purged=OFF --loose-column-statistics=0) ;; esac
first=()
dump() { "$d" "${first[@]}" "${o[@]}" --single-transaction --quick --skip-lock-tables --hex-blob --comments --max-allowed-packet=1G "$@"; }
