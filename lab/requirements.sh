#!/usr/bin/env bash
# Installs what the lab needs on this machine and names what is missing.
set -euo pipefail
missing=()
[ "$(id -u)" = 0 ] || missing+=("root: the lab makes network namespaces, mounts and containers; run it with sudo")
grep -qs '^ID=debian' /etc/os-release || missing+=("Debian: the lab builds its machines from Debian's archive with this machine's apt")
[ "$(uname -m)" = x86_64 ] || missing+=("an amd64 machine: the guests run under qemu-system-x86_64")
grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || missing+=("overlayfs in the kernel")
if [ "$(id -u)" = 0 ]; then
  unshare -n true 2>/dev/null || missing+=("network namespaces: unshare -n is refused here")
  [ -c /dev/net/tun ] || missing+=("/dev/net/tun: the guests' network cards are tap devices")
fi
report() {
  [ ${#missing[@]} = 0 ] && return 0
  printf 'lab: this machine cannot run the lab. Missing:\n' >&2
  printf '  - %s\n' "${missing[@]}" >&2
  printf 'Still possible here: npm run test:unit\n' >&2
  exit 2
}
report
declare -A package=([systemd-nspawn]=systemd-container [mmdebstrap]=mmdebstrap [ip]=iproute2 [apt-ftparchive]=apt-utils
  [python3]=python3 [ssh-keygen]=openssh-client [zstd]=zstd [curl]=curl [nsenter]=util-linux [pgrep]=procps [cpio]=cpio [dpkg-deb]=dpkg
  [qemu-img]=qemu-utils [iscsi-inq]=libiscsi-bin [flock]=util-linux [sudo]=sudo)
want=()
for command in "${!package[@]}"; do command -v "$command" >/dev/null || want+=("${package[$command]}"); done
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || want+=(debian-archive-keyring)
[ -e /usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so ] || want+=(qemu-block-extra) # the operator reads volumes over iSCSI
if [ ${#want[@]} -gt 0 ]; then
  echo "installing ${want[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=1200 install -qq -y --no-install-recommends "${want[@]}" >/dev/null ||
    missing+=("packages: apt-get install ${want[*]} failed")
fi
free_gb=$(df --output=avail -BG "$(dirname "${SWAPCTL_LAB:-/var/cache/swapctl-lab}")" | tail -1 | tr -dc 0-9)
[ "$free_gb" -ge 15 ] || missing+=("disk: 15 GB free under ${SWAPCTL_LAB:-/var/cache/swapctl-lab}, there are $free_gb; SWAPCTL_LAB names another place")
memory_gb=$(awk '/MemTotal/{print int($2/1048576 + 0.5)}' /proc/meminfo)
[ "$memory_gb" -ge 12 ] || missing+=("memory: 12 GB, there are $memory_gb")
report
