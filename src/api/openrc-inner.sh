#!/bin/sh
swapctl_env=$(command -v env) || exit 1
exec 3>&1 >/dev/null 2>&1 </dev/null
set -a
# shellcheck disable=SC1090 # which file is the operator's choice
. "$1"
set +x
exec "$swapctl_env" -0 >&3
