# shellcheck shell=bash
# Directories, names and addresses for every part of the lab. Sourced, never run.
set -euo pipefail
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SWAPCTL_LAB:-/var/cache/swapctl-lab}
prefix=${SWAPCTL_LAB_NAME:-swaplab} # of namespaces, mounts and control groups: a second lab beside the first needs another cache and another name
images=$cache/images golden=$cache/golden run=$cache/run keys=$cache/keys
machines=(source compute target)
vip=10.20.0.10 portal=10.30.0.10
declare -A number=([source]=11 [target]=12 [compute]=13 [operator]=2 [mirror]=3)
declare -A hostname=([source]=src [target]=tgt [compute]=cmp1)
declare -A image=([source]=victoria [target]=trixie [compute]=victoria)
mgmt() { echo "10.20.0.${number[$1]}"; }
storage() { echo "10.30.0.${number[$1]}"; }

die() { echo "lab: $1" >&2; exit "${2:-1}"; }
say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
# phase SECONDS TITLE COMMAND...: prints the title and how long it took last time, runs it, prints how long it took.
phase() {
  local guess=$1 title=$2 began=$SECONDS; shift 2
  say "$title (about $guess s)"
  "$@"
  say "  $title: $((SECONDS - began)) s"
}
# gone PATH: removes a tree. A build that was killed leaves its mounts in it: they go first, or rm would enter the host's /sys.
gone() {
  awk -v under="$1/" 'index($5, under) == 1 {print $5}' /proc/self/mountinfo | sort -r | xargs -r -n 1 umount -l
  rm -rf --one-file-system -- "$1"
}
