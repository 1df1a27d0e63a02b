#!/bin/bash
# with: unpack.sh
set -o pipefail; export LC_ALL=C
m=$(command -v mariadb || command -v mysql) || exit 127
export m database="$1" charset="$2" session="$3"
# shellcheck disable=SC2016 # a shell of awk's expands it
export load='exec "$m" --binary-mode --default-character-set="$charset" --max-allowed-packet=1G --init-command="$session" --loose-skip-print-query-on-error -- "$database" >&2'
# More connections than processors would only wait for each other.
lanes=$(nproc || echo 1)
unpack | awk -v lanes=$((lanes < 4 ? lanes : 4)) "$4"
code=$?
# shellcheck disable=SC2016 # the backticks are SQL's
[ $code = 0 ] || [ "$5" = keep ] || printf 'DROP DATABASE IF EXISTS `%s`;' "${1//\`/\`\`}" | "$m"
exit $code
