#!/usr/bin/env bash
# Light machines: really booted, with systemd, sshd and MariaDB, but without OpenStack; up in seconds.
# A set of them (SET: letters and digits, a dash, the pid of its owner) has its own namespaces, roots and control
# groups, so that several sets can run in parallel: names begin with light-SET, files are in light/SET.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
set_name=${1:-}
SWAPCTL_LAB_NAME=light-$set_name
. "$lab/common.sh"
. "$lab/machines.sh"
. "$lab/base.sh"
light=$cache/light golden=$cache/light/golden run=$cache/light/$set_name keys=$cache/light/keys
machines=(source target compute ctl2 ctl3)
number+=([ctl2]=14 [ctl3]=15)
hostname+=([ctl2]=ctl2 [ctl3]=ctl3)
image=([source]=light-bullseye [target]=light-trixie [compute]=light-bullseye [ctl2]=light-bullseye [ctl3]=light-bullseye)

usage() {
  cat <<END
usage: light.sh SET COMMAND
  up [MACHINE...]          build what is missing; boot source, target and, if asked for, a compute and more
                           controllers beside the source: ctl2, ctl3
  keep                     clean shutdown; what is on the disks now is what reset goes back to; boot again
  reset [MACHINE...]       cut the power, throw away what happened since, boot again
  off MACHINE              cut its power: every process ends at once, its disk stays
  halt MACHINE             clean shutdown, its disk stays
  boot MACHINE             boot with the disk as it is, wait until every unit has started or failed
  link MACHINE up|down     plug or pull the management cable of a machine or the operator
  cut MACHINE              drop every packet between it and the operator, silently, until fix; the others go on (one at a time)
  fix MACHINE
  refuse MACHINE           end its sshd: what was connected is reset, who connects is refused, until accept
  accept MACHINE
  exec MACHINE COMMAND...  run a command inside a machine
  operator COMMAND...      run a command in the operator's network
  env                      addresses, keys, host keys
  down                     stop them, remove everything of this set
light.sh SUBJECT sweep     down, for every set SUBJECT-PID whose process is gone
END
}

# Units that are useless here, or that would use the disk while a test measures.
idle_units=(apt-daily.service apt-daily-upgrade.service e2scrub_all.timer e2scrub_reap.service fstrim.timer
  dpkg-db-backup.timer systemd-tmpfiles-clean.timer systemd-logind.service getty.target console-getty.service
  systemd-update-utmp.service systemd-update-utmp-runlevel.service nftables.service)

disk() { # MACHINE ROOT
  local name=$1 root=$2 unit
  base "$name" "$root" light
  for unit in "${idle_units[@]}"; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
  rm -f "$root"/etc/systemd/system/multi-user.target.wants/{lvm-stand-in,corosync,pacemaker}.service
  [ "$name" != compute ] || ln -sf /dev/null "$root/etc/systemd/system/mariadb.service"
  ln -sf /lib/systemd/system/mariadb.service "$root/etc/systemd/system/multi-user.target.wants/"
  printf '[mysqld]\nbind-address = 0.0.0.0\nskip-name-resolve\ninnodb_buffer_pool_size = 32M\n' >"$root/etc/mysql/mariadb.conf.d/90-light.cnf"
  # A power cut kills the processes, but their writes survive, synced or not.
  mkdir -p "$root/etc/systemd/system/mariadb.service.d"
  printf '[Service]\nEnvironment=LD_PRELOAD=libeatmydata.so\n' >"$root/etc/systemd/system/mariadb.service.d/light.conf"
  # More than swapctl ever opens, so that only a test's own limit can refuse a session.
  printf 'MaxStartups 100\nMaxSessions 100\n' >>"$root/etc/ssh/sshd_config.d/lab.conf"
}

# Identifies the content of a disk before a set's first boot; several versions of the project may run in parallel.
light_hash() { { declare -f disk; declare -p machines number hostname; echo "${idle_units[@]}"; cat "$lab/base.sh" "$images/${image[$1]}.made-of"; } | sha256sum | cut -c1-12; }
golden_of() { echo "$golden/$1-$(light_hash "$1")"; }

golden_disk() { # MACHINE
  local name=$1 made other; made=$(golden_of "$1")
  [ ! -d "$made" ] || return 0
  rm -rf --one-file-system "$made.tmp"
  attach "$name" "$images/${image[$name]}" "$made.tmp"
  disk "$name" "$run/$name/root"
  detach "$name"
  mv "$made.tmp" "$made"
  for other in "$golden/$name-"*; do
    [ "$other" = "$made" ] || grep -qF "$other:" /proc/mounts || rm -rf --one-file-system "$other"
  done
}

# One set builds, the others wait and find the result.
build() {
  mkdir -p "$golden" "$run"
  exec 8>"$light/lock"; flock 8
  make_keys
  local name
  for name in "${image[@]}"; do "$lab/images.sh" --have "$name" || phase 60 "image $name" "$lab/images.sh" "$name"; done
  for name in $(mine); do golden_disk "$name"; done
  exec 8>&-
}

lowers() { # MACHINE: its kept layers, newest first, above its golden disk and its image
  local kept=""
  [ ! -d "$run/$1/kept" ] || kept=$run/$1/kept:
  echo "$kept$(golden_of "$1"):$images/${image[$1]}"
}
has() { [[ $1 =~ ^(source|target)$ ]] || [ -e "$run/$1" ]; }
start() { # MACHINE...
  local name
  for name in "$@"; do attach "$name" "$(lowers "$name")" "$run/$name/upper"; boot "$name"; done
  for name in "$@"; do
    wait_ssh "$name"
    inside "$name" timeout 90 systemctl is-system-running --wait >/dev/null || true # "degraded" will do
  done
}
mine() { local name; for name in "${machines[@]}"; do ! has "$name" || echo "$name"; done; }

up() {
  local name
  for name in "$@"; do mkdir -p "$run/$name"; done
  build
  net_up; plain_up operator
  # shellcheck disable=SC2046 # each word is a name
  start $(mine)
}

keep() {
  local name
  for name in $(mine); do halt "$name" & done; wait
  for name in $(mine); do
    [ ! -e "$run/$name/kept" ] || die "$name: kept once already"
    mv "$run/$name/upper" "$run/$name/kept"
  done
  # shellcheck disable=SC2046 # each word is a name
  start $(mine)
}

reset() {
  local name
  # shellcheck disable=SC2046 # each word is a name
  [ $# -gt 0 ] || set -- $(mine)
  for name in "$@"; do halt "$name" now; rm -rf --one-file-system "${run:?}/$name/upper"; done
  netns operator ip link set eth0 up
  isolate operator off
  start "$@"
}

# Also for a set that a killed run left half created or half removed.
down() {
  local name
  for name in "${machines[@]}"; do halt "$name" now; done
  for name in operator net; do ip netns del "$prefix-$name" 2>/dev/null || true; done
  rm -rf --one-file-system "${run:?}"
}
sweep() {
  local at pid
  for at in "$light/$set_name"-*; do
    pid=${at##*-}
    if [[ ! $pid =~ ^[0-9]+$ ]] || [ -d "/proc/$pid" ]; then continue; fi
    bash "$lab/light.sh" "$(basename "$at")" down
  done
}

plug() { # MACHINE up|down
  if [ "$1" = operator ]; then netns operator ip link set eth0 "$2"; else netns net ip link set "$1-eth0" "$2"; fi
}
# Isolated ports of a bridge do not reach each other, but all other ports reach them.
isolate() { netns net ip link set "$1-eth0" type bridge_slave isolated "$2"; }
separate() { isolate operator on; isolate "$1" on; }
rejoin() { isolate "$1" off; isolate operator off; }

refuse() { inside "$1" sh -c 'systemctl stop ssh.service; pkill -KILL sshd || :'; }

environment() {
  local name
  echo "LIGHT_KEY=$keys/operator"
  echo "LIGHT_VIP=$vip"
  echo "LIGHT_RUN=$run"
  echo "LIGHT_OPERATOR_NETNS=$prefix-operator"
  for name in $(mine); do
    echo "LIGHT_${name^^}=$(mgmt "$name")"
    echo "LIGHT_${name^^}_NETNS=$prefix-$name"
    echo "LIGHT_${name^^}_ROOT=$run/$name/root"
    echo "LIGHT_${name^^}_HOST_KEY=$(ssh-keygen -lf "$keys/$name.pub" | awk '{print $2}')"
  done
}

[[ $set_name =~ ^[a-z0-9]+(-[0-9]+)?$ ]] || { usage >&2; die "'$set_name' names no set of machines" 2; }
known() { [[ -n ${hostname[${1:-}]:-} ]] || die "no machine is called '${1:-}'; they are: ${machines[*]}" 2; }
command=${2:-}; [ $# -lt 2 ] || shift 2
case $command in
  up) for name in "$@"; do known "$name"; done ;;
  off|halt|boot|cut|fix|refuse|accept|exec) known "${1:-}" ;;
  link) [ "${1:-}" = operator ] || known "${1:-}" ;;
esac
case $command in
  up) up "$@" ;;
  keep) keep ;;
  reset) reset "$@" ;;
  off) shut_down "$1" now ;;
  halt) shut_down "$1" ;;
  boot) start "$1" ;;
  link) plug "$@" ;;
  cut) separate "$1" ;;
  fix) rejoin "$1" ;;
  refuse) refuse "$1" ;;
  accept) inside "$1" systemctl start ssh.service ;;
  exec) inside "$@" ;;
  operator) netns operator "$@" ;;
  env) environment ;;
  down) down ;;
  sweep) sweep ;;
  *) usage >&2; die "no command is called '$command'" 2 ;;
esac
