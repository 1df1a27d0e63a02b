#!/bin/sh
exec env -i HOME="$HOME" PATH="$PATH" USER="${USER:-root}" LOGNAME="${LOGNAME:-root}" \
  "$(command -v bash || command -v sh)" -c "$1" openrc "$2"
