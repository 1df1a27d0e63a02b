#!/bin/sh
# take-over.ts writes a line before this that sets the unit; loopback-hold.sh has put the addresses on the loopback.
# shellcheck disable=SC2154
systemctl stop "$unit"
# Stopped before it is masked: systemd does not know ExecStop and TimeoutStopSec of a masked unit.
systemctl mask --quiet "$unit"
