#!/bin/sh
cd /run/systemd/netif/links 2>/dev/null || exit 0
for link in *; do
  ! grep -qxF -e "NETWORK_FILE=$1" "$link" || grep -lx "$link" /sys/class/net/*/ifindex
done
