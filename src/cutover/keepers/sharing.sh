#!/bin/sh
cd /run/systemd/netif/links 2>/dev/null || exit 0
for link in *; do
  ! sed -n 's,^NETWORK_FILE=.*/,,p' "$link" | grep -qxF -e "${1##*/}" || grep -lx "$link" /sys/class/net/*/ifindex
done
