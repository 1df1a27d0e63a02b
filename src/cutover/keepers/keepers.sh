#!/bin/sh
shown() { test ! -f "$2" || { echo "== $1 $2"; cat "$2"; echo; }; }
here() { test "$(readlink "/proc/$1/ns/net")" = "$(readlink /proc/self/ns/net)"; } 2>/dev/null
pids() { for pid in $(ps -C "$1" -o pid= 2>/dev/null); do ! here "$pid" || echo "$pid"; done; }
root() { test "$(readlink "/proc/$1/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" || echo "/proc/$1/root"; } 2>/dev/null
unread() { printf '== unread %s\n' "$1"; }
included() { for file in $1; do
  if test -f "$file" && test "$2" -le 4; then shown keepalived "$file"
  else case $1 in *[*?[]*) test ! -f "$file" || unread "$file" ;; *) unread "$file" ;; esac; continue; fi
  sed -n 's/^[[:space:]]*include[a-z]*[[:space:]][[:space:]]*//p' "$file" | while read -r more; do
    case $more in /*) more=$3$more ;; *) more=$(dirname "$file")/$more ;; esac
    included "$more" $(($2 + 1)) "$3"
  done
done; }
default=/etc/keepalived/keepalived.conf
for pid in $(pids keepalived); do
  config=$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed -n 's/.*[[:space:]]\(-[A-Za-z]*f\|--use-file\)[ =]*\([^[:space:]]*\).*/\2/p')
  echo "$(root "$pid") ${config:-$default}"
done | sort -u | while read -r place file; do
  case $file in '') file=$place place= ;; esac
  included "$place$file" 0 "$place"
done
# systemd never starts a masked unit, so it cannot bring the address back.
masked() { test "$(systemctl is-enabled "$1.service" 2>/dev/null)" = masked; }
test -n "$(pids keepalived)" || test ! -f $default || masked keepalived || included $default 0
# If the cluster does not run here, only its file can be read.
if cib=$(cibadmin --query 2>/dev/null); then printf '== pacemaker cib\n%s\n' "$cib"
else sed '1i== pacemaker file' /var/lib/pacemaker/cib/cib.xml 2>/dev/null; fi
public=$(sed -n 's/^[[:space:]]*\(export[[:space:]]*\)\{0,1\}CTDB_PUBLIC_ADDRESSES=//p' /etc/default/ctdb /etc/sysconfig/ctdb /etc/ctdb/ctdbd.conf 2>/dev/null | tail -1 | tr -d "\"'")
shown ctdb "${public:-/etc/ctdb/public_addresses}"
shown heartbeat /etc/ha.d/haresources
for file in /etc/network/interfaces /etc/network/interfaces.d/* /etc/ucarp/*.conf /etc/default/ucarp; do shown ucarp "$file"; done
echo '== running'; for pid in $(pids ucarp); do ps -p "$pid" -o pid=,args= | grep -wF -e "$1"; done
for file in /etc/rc.local /etc/rc.d/rc.local /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /etc/crontab   /etc/network/if-*.d/* /etc/NetworkManager/dispatcher.d/* /etc/networkd-dispatcher/*/* /etc/systemd/system/*.service   /etc/systemd/system/*.d/*.conf /etc/init.d/*; do
  test ! -f "$file" || ! grep -qwF -e "$1" "$file" || shown boot "$file"
done
for name in keepalived ctdbd heartbeat corosync pacemakerd; do
  for pid in $(pids "$name"); do echo "== daemon $name"; echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"; done
done
# The unit of a keepalived that sees this machine's files; one in a container has no unit here that could be masked.
# systemctl masks with a link in /etc/systemd/system, and refuses when a file is there.
for pid in $(pids keepalived); do
  test -z "$(root "$pid")" || continue
  unit=$(sed -n 's/.*\/\([^/]*\.service\)\(\/.*\)\{0,1\}$/\1/p' "/proc/$pid/cgroup" | tail -1)
  at=/etc/systemd/system/$unit
  echo "== unit $unit"
  test -z "$unit" || test ! -e "$at" || test "$(readlink "$at")" = /dev/null || echo "$at"
done
echo '== addresses'; ip addr show
