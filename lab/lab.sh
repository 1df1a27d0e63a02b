#!/usr/bin/env bash
# The lab: a real Victoria cloud, a bare target machine, a compute node and an operator.
# Everything it creates is under ${SWAPCTL_LAB:-/var/cache/swapctl-lab} and in network namespaces named swaplab-*.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$lab/machines.sh"
. "$lab/base.sh"
. "$lab/golden.sh"

usage() {
  cat <<END
usage: lab.sh COMMAND
  up [--move-storage]      build what is missing, boot every machine from its golden layer
  reset [--move-storage]   throw away what happened since, boot again
  down                     stop every machine, unmount, remove the namespaces
  status                   machines, addresses, what is up
  shell MACHINE            a shell inside source, target or compute
  exec MACHINE COMMAND...  run a command inside a machine
  operator COMMAND...      run a command in the operator's network
  reboot MACHINE           clean shutdown, boot again with the same disk
  env [--json]             addresses, keys and paths, for the demo and the tests
  build                    build images and golden layers, boot nothing
  clean                    down, and remove golden layers and run layers (images stay)
END
}

boot_all() {
  local name
  net_up; plain_up operator; mirror_up
  for name in "${machines[@]}"; do
    is_up "$name" || { halt "$name"; attach "$name" "$golden/$variant/$name:$images/${image[$name]}" "$run/$name/upper"; }
    boot "$name"
  done
  for name in "${machines[@]}"; do wait_ssh "$name"; done
}

all_up() { local name; for name in "${machines[@]}"; do is_up "$name" || return 1; done; }
up() {
  "$lab/requirements.sh"
  mkdir -p "$run"
  if all_up && [ "$(cat "$run/made-of" 2>/dev/null)" = "$variant $(golden_hash)" ]; then
    net_up; plain_up operator; mirror_up
    status
    return
  fi
  build
  # A machine of the other variant, or from an older golden layer, cannot be used.
  [ "$(cat "$run/made-of" 2>/dev/null)" = "$variant $(golden_hash)" ] || wipe
  echo "$variant $(golden_hash)" >"$run/made-of"
  phase 25 "boot machines" boot_all
  phase 40 "wait for the cloud" wait_cloud
  status
}

# The compute node first, so that its guests and agents can still reach the controller.
halt_all() {
  halt compute "$@"
  halt target "$@" & local other=$!
  halt source "$@"
  wait "$other"
}
down() {
  halt_all "$@"
  local pid name; pid=$(mirror_pid); [ -z "$pid" ] || kill "$pid"
  for name in operator mirror net; do ip netns del "$prefix-$name" 2>/dev/null || true; done
}
wipe() { down now; mkdir -p "$run"; rm -rf --one-file-system "${run:?}"/*; }

status() {
  local name state
  for name in "${machines[@]}"; do
    state=down; if is_up "$name"; then state="up: $(netns "$name" ip -4 -br addr show scope global | awk '{$2=""; print}' | tr '\n' ' ')"; fi
    printf '%-9s %-6s %-11s %-11s %s\n' "$name" "${hostname[$name]}" "$(mgmt "$name")" "$(storage "$name")" "$state"
  done
  printf '%-9s %-6s %-11s %-11s %s\n' operator - "$(mgmt operator)" "$(storage operator)" "$(ns_exists operator && echo up || echo down)"
  printf '%-9s %-6s %-11s %-11s %s\n' mirror - "$(mgmt mirror)" - "$([ -n "$(mirror_pid)" ] && echo up || echo down)"
}

environment() {
  local name
  echo "LAB_CACHE=$cache"
  echo "LAB_VARIANT=$(cut -d' ' -f1 "$run/made-of" 2>/dev/null || echo none)"
  echo "LAB_VIP=$vip"
  echo "LAB_PORTAL=$portal"
  for name in "${machines[@]}" operator mirror; do
    echo "LAB_${name^^}=$(mgmt "$name")"
    echo "LAB_${name^^}_STORAGE=$(storage "$name")"
    echo "LAB_${name^^}_NETNS=$prefix-$name"
  done
  echo "LAB_KEY=$keys/operator"
  echo "LAB_KNOWN_HOSTS=$keys/known_hosts"
  echo "LAB_MIRROR_URL=http://$(mgmt mirror)/"
  echo "LAB_HOP_ZED=$cache/hops/zed.tar.zst"
  echo "LAB_FACTS=$golden/${variant}/facts.json"
}
as_json() { python3 -c 'import json,sys; print(json.dumps(dict(l.rstrip("\n").split("=",1) for l in sys.stdin), indent=1))'; }

known() { [[ -n ${hostname[${1:-}]:-} ]] || die "no machine is called '${1:-}'; they are: ${machines[*]}" 2; }

# Only one at a time: a second `up` waits for the first and then finds everything done.
alone() {
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock -n 9 || { say "another lab command is at work; waiting for it"; flock 9; }
}

command=${1:-}; [ $# = 0 ] || shift
case $command in up|down|reset|reboot|build|clean) alone ;; esac
variant=fixed-storage
case $command in up|reset|build) [ "${1:-}" != --move-storage ] || variant=move-storage ;; *) variant=$(cut -d' ' -f1 "$run/made-of" 2>/dev/null || echo fixed-storage) ;; esac
case $command in
  up) up ;;
  down) down ;;
  reset) wipe; up ;;
  status) status ;;
  shell) known "${1:-}"; inside "$1" bash -l ;;
  exec) known "${1:-}"; inside "$@" ;;
  operator) netns operator "$@" ;;
  reboot) known "${1:-}"; halt "$1"; attach "$1" "$golden/$variant/$1:$images/${image[$1]}" "$run/$1/upper"; boot "$1"; wait_ssh "$1" ;;
  env) if [ "${1:-}" = --json ]; then environment | as_json; else environment; fi ;;
  build) "$lab/requirements.sh"; build ;;
  clean) wipe; rm -rf "$golden" ;;
  ''|-h|--help) usage ;;
  *) usage >&2; die "no command is called '$command'" 2 ;;
esac
