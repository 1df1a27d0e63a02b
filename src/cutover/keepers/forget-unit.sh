#!/bin/sh
test -e "/etc/systemd/system/$1" || exit 0
systemctl disable --quiet "$1" || test ! -e "/etc/systemd/system/$1"
test ! -d /run/systemd/system || systemctl stop "$1" || ! systemctl is-active --quiet "$1"
rm -f "/etc/systemd/system/$1"
test ! -d /run/systemd/system || systemctl daemon-reload
