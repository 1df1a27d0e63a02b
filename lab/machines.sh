# shellcheck shell=bash
# Machines: network namespaces joined by two bridges, overlay roots, systemd-nspawn. Sourced by lab.sh.
netns() { ip netns exec "$prefix-$1" "${@:2}"; }
ns_exists() { [ -e "/run/netns/$prefix-$1" ] && ip netns exec "$prefix-$1" true 2>/dev/null; }

# A namespace that lost its mount (interrupted run) is deleted and created again.
ns_make() {
  ns_exists "$1" && return 1
  ip netns del "$prefix-$1" 2>/dev/null || true
  ip netns add "$prefix-$1"
  netns "$1" ip link set lo up
}

# Both bridges are in their own namespace: the host's network never has a lab address.
net_up() {
  ns_make net || return 0
  local bridge
  for bridge in mgmt storage; do
    netns net ip link add "$bridge" type bridge
    netns net ip link set "$bridge" up
  done
}

# cable NAME: its namespace with eth0 (management) and eth1 (storage); MAC addresses are the same in every run.
cable() {
  ns_make "$1" || return 0
  local pair nic bridge
  for pair in eth0:mgmt eth1:storage; do
    nic=${pair%:*} bridge=${pair#*:}
    netns net ip link del "$1-$nic" 2>/dev/null || true
    ip link add "$nic" netns "$prefix-$1" address "$(printf '02:20:00:%02x:00:0%s' "${number[$1]}" "${nic#eth}")" \
      type veth peer name "$1-$nic" netns "$prefix-net"
    netns net ip link set "$1-$nic" master "$bridge" up
  done
}

# The operator and the mirror are only namespaces; they use the host's root file system.
plain_up() {
  cable "$1"
  netns "$1" ip addr replace "$(mgmt "$1")/24" dev eth0
  netns "$1" ip addr replace "$(storage "$1")/24" dev eth1
  netns "$1" ip link set eth0 up
  netns "$1" ip link set eth1 up
}

mirror_pid() { pgrep -f "^/usr/bin/python3 -m http.server --bind $(mgmt mirror) --directory $cache/mirror" || true; }
mirror_up() {
  plain_up mirror
  [ -z "$(mirror_pid)" ] || return 0
  mkdir -p "$cache/mirror"
  setsid ip netns exec "$prefix-mirror" /usr/bin/python3 -m http.server --bind "$(mgmt mirror)" --directory "$cache/mirror" 80 \
    </dev/null >"$run/mirror.log" 2>&1 9>&- &
}

# A machine's systemd-nspawn process, found by its root rather than by a pid file, which could be stale.
nspawn_pid() { pgrep -f "^systemd-nspawn .*--directory=$run/$1/root( |\$)" | head -1 || true; }
leader() {
  local pid; pid=$(nspawn_pid "$1")
  [ -n "$pid" ] && pgrep -P "$pid" -f '(systemd|init)' | head -1
}
is_up() { [ -n "$(leader "$1")" ]; }

inside() { # MACHINE COMMAND...
  local pid; pid=$(leader "$1") || die "$1 is not running; start it with: npm run lab -- up" 2
  nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root \
    env -i -C /root HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"
}

# attach MACHINE LOWER[:LOWER] UPPER: mounts the machine's overlay.
attach() {
  local at=$run/$1
  mkdir -p "$at/root" "$at/work" "$3"
  mountpoint -q "$at/root" && return 0
  rm -rf "$at/work" && mkdir "$at/work"
  mount -t overlay "$prefix-$1" -o "lowerdir=$2,upperdir=$3,workdir=$at/work" "$at/root"
}
detach() {
  local n
  for n in 1 2 3; do
    mountpoint -q "$run/$1/root" || return 0
    umount "$run/$1/root" 2>/dev/null || sleep 1
  done
  umount -l "$run/$1/root"
}

# Each container in a control group of its own: without it all of them would share one, and stopping a unit in one
# machine would kill the processes of the unit with the same name in the others.
cgroups() { findmnt -n -o TARGET -t cgroup2 | head -1; }
in_cgroup() { # NAME COMMAND...
  mkdir -p "$(cgroups)/$prefix-$1"
  echo $BASHPID >"$(cgroups)/$prefix-$1/cgroup.procs"
  exec "${@:2}"
}
# Also kills what is left of a machine whose systemd-nspawn was killed. A killed group must not be booted in again:
# Linux 6.18 kills whatever systemd 257 starts in one (it clones into groups, and their kill counts differ).
drop_cgroup() {
  local at n; at=$(cgroups)/$prefix-$1
  [ -d "$at" ] || return 0
  echo 1 >"$at/cgroup.kill"
  for n in $(seq 300); do
    find "$at" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ -d "$at" ] || return 0
    sleep 0.1
  done
  die "$1: something in $at does not end"
}

boot() { # MACHINE: its root is attached
  is_up "$1" && return 0
  cable "$1"
  rm -rf "$run/$1/root/run" && mkdir "$run/$1/root/run"
  local bind=(); [ "$1" != compute ] || bind=(--bind=/dev/net/tun)
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_LOCK=0 \
    in_cgroup "$1" setsid systemd-nspawn --quiet --register=no --keep-unit --capability=all --console=pipe \
    --network-namespace-path="/run/netns/$prefix-$1" --machine="${hostname[$1]}" --resolv-conf=off --timezone=off \
    --link-journal=no "${bind[@]}" --directory="$run/$1/root" --boot </dev/null >"$run/$1/console.log" 2>&1 9>&- &
}

# Waits until sshd answers at the machine's own address, as seen by the operator.
wait_ssh() {
  local n
  for n in $(seq 90); do
    netns operator timeout 2 bash -c "exec 3<>/dev/tcp/$(mgmt "$1")/22 && head -c 4 <&3 | grep -q SSH" 2>/dev/null && return 0
    [ -n "$(nspawn_pid "$1")" ] || die "$1 did not boot; see $run/$1/console.log"
    sleep 1
  done
  die "$1 has no sshd after 90 s; see $run/$1/console.log"
}

# shut_down MACHINE [now]: clean shutdown; kills what is left after 90 s. `now` cuts the power. The disk stays attached;
# the namespace is removed with all its addresses.
shut_down() {
  local pid n; pid=$(nspawn_pid "$1")
  if [ -n "$pid" ] && [ "${2:-}" != now ]; then
    kill -TERM "$pid" 2>/dev/null || true
    for n in $(seq 450); do [ -d "/proc/$pid" ] || break; sleep 0.2; done
  fi
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
  drop_cgroup "$1"
  ip netns del "$prefix-$1" 2>/dev/null || true
  ! ns_exists net || netns net ip link del "$1-eth0" 2>/dev/null || true
  ! ns_exists net || netns net ip link del "$1-eth1" 2>/dev/null || true
}
# halt MACHINE [now]: also detaches the disk; `now` is for a disk that is thrown away.
halt() {
  shut_down "$@"
  detach "$1"
}
