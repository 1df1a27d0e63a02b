#!/usr/bin/env bash
# Builds the lab's machine images from the Debian mirror that this machine uses.
# usage: images.sh NAME...   victoria trixie       root trees made by mmdebstrap (read-only from then on)
#                            mirror                the packages a target installs, with an index
#                            hop                   the hop environment of Zed, made by swapctl itself
#                            light-bullseye light-trixie   root trees of the light machines: MariaDB and nothing of OpenStack
#                            guest                 kernel and ramdisk of a tiny guest
# A finished image made from the same list is not built again.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$images" "$cache/mirror" "$cache/hops" "$cache/guest"

debian_mirror() {
  # shellcheck disable=SC2016 # apt expands it
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk '$1=="Debian"{print $3; exit}'
}

# What every machine needs to boot, answer ssh and move addresses.
base=(systemd-sysv dbus openssh-server iproute2 iputils-arping iputils-ping procps nftables zstd curl ca-certificates
  python3 eatmydata less kmod)
victoria=(mariadb-server rabbitmq-server memcached keystone glance-api placement-api nova-api nova-conductor nova-scheduler
  neutron-server cinder-api cinder-scheduler cinder-volume heat-api heat-api-cfn heat-engine python3-openstackclient
  python3-heatclient tgt qemu-utils nova-compute python3-libvirt libvirt-daemon-system qemu-system-x86 neutron-openvswitch-agent
  openvswitch-switch busybox-static)
light=(mariadb-server iptables apt-utils)
# For a cloud whose addresses are held by keepalived or pacemaker.
light_old=("${light[@]}" keepalived corosync pacemaker pacemaker-cli-utils resource-agents)
# The packages of an Epoxy controller; none is on the target at first.
epoxy=(mariadb-server rabbitmq-server memcached keystone glance-api placement-api nova-api nova-conductor nova-scheduler
  neutron-api neutron-rpc-server neutron-periodic-workers cinder-api cinder-scheduler cinder-volume heat-api heat-api-cfn heat-engine
  python3-openstackclient python3-heatclient python3-pymysql tgt qemu-utils qemu-block-extra libiscsi-bin nftables zstd)

# made FILE LIST: whether FILE records LIST.
made() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

tree() { # NAME SUITE PACKAGE...
  local name=$1 suite=$2; shift 2
  ! made "$images/$name.made-of" "$suite $*" || return 0
  rm -f "$images/$name.made-of"; gone "$images/$name.tmp"; gone "$images/$name"
  # The mounts of a killed mmdebstrap end with its namespace.
  unshare --mount mmdebstrap --quiet --variant=apt --mode=root --format=directory --skip=check/qemu \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='force-unsafe-io' \
    --hook-dir=/usr/share/mmdebstrap/hooks/eatmydata \
    --include="$(IFS=,; echo "$*")" "$suite" "$images/$name.tmp" "$(debian_mirror)"
  mv "$images/$name.tmp" "$images/$name"
  echo "$suite $*" >"$images/$name.made-of"
}

# above IMAGE COMMAND...: runs COMMAND ROOT on a throw-away layer above an image.
above() {
  local at=$cache/above.$1.tmp below=$1 code=0; shift
  gone "$at"; mkdir -p "$at"/{upper,work,root}
  mount -t overlay "$prefix-above" -o "lowerdir=$images/$below,upperdir=$at/upper,workdir=$at/work" "$at/root"
  cp /etc/resolv.conf "$at/root/etc/resolv.conf"
  mount -t proc proc "$at/root/proc"
  "$@" "$at/root" || code=$?
  gone "$at"
  return $code
}

fetch_epoxy() {
  chroot "$1" apt-get -q update
  chroot "$1" apt-get -q install --download-only -y --no-install-recommends "${epoxy[@]}"
  cp "$1"/var/cache/apt/archives/*.deb "$cache/mirror/"
}
mirror() {
  ! made "$cache/mirror/made-of" "${epoxy[*]}" || return 0
  rm -rf "${cache:?}/mirror"/*
  above trixie fetch_epoxy
  (cd "$cache/mirror" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release.tmp && mv Release.tmp Release)
  echo "${epoxy[*]}" >"$cache/mirror/made-of"
}

# The code that makes the environment: a change in it builds the environment anew.
hop_made_of() { (cd "$lab/.." && cat src/target/hop-archive.ts src/commands/hop-make.ts src/releases/suites.ts | sha256sum | cut -c1-16); }
hop() {
  ! made "$cache/hops/zed.made-of" "$(hop_made_of)" || return 0
  rm -f "$cache/hops"/{,.*-}zed.*
  npm --prefix "$lab/.." run --silent build
  node "$lab/../dist/src/cli.js" hop make zed --output "$cache/hops/zed.tar.zst"
  hop_made_of >"$cache/hops/zed.made-of"
}

kernel() {
  chroot "$1" apt-get -q update
  local name; name=$(chroot "$1" apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/{print $2; exit}')
  (cd "$1/tmp" && chroot "$1" sh -c "cd /tmp && apt-get -q download $name")
  dpkg-deb -x "$1"/tmp/linux-image-*.deb "$1/tmp/linux"
  cp "$1"/tmp/linux/boot/vmlinuz-* "$cache/guest/kernel"
  mkdir -p "$1/tmp/guest/bin"
  cp "$1/bin/busybox" "$1/tmp/guest/bin/"
  ln -s busybox "$1/tmp/guest/bin/sh"
  printf '#!/bin/sh\n/bin/busybox echo guest is up\nwhile :; do /bin/busybox sleep 3600; done\n' >"$1/tmp/guest/init"
  chmod +x "$1/tmp/guest/init"
  (cd "$1/tmp/guest" && find . | cpio -o -H newc --quiet | gzip -9) >"$cache/guest/ramdisk"
}
guest() {
  ! made "$cache/guest/made-of" busybox || return 0
  above victoria kernel
  echo busybox >"$cache/guest/made-of"
}

# --have NAME: whether the image is finished and up to date.
have() {
  case $1 in
    victoria) made "$images/victoria.made-of" "bullseye ${base[*]} ${victoria[*]}" ;;
    trixie) made "$images/trixie.made-of" "trixie ${base[*]}" ;;
    light-bullseye) made "$images/$1.made-of" "bullseye ${base[*]} ${light_old[*]}" ;;
    light-trixie) made "$images/$1.made-of" "trixie ${base[*]} ${light[*]}" ;;
    mirror) made "$cache/mirror/made-of" "${epoxy[*]}" ;;
    hop) made "$cache/hops/zed.made-of" "$(hop_made_of)" ;;
    guest) made "$cache/guest/made-of" busybox ;;
  esac
}
if [ "${1:-}" = --have ]; then have "$2"; exit; fi

for name in "$@"; do
  case $name in
    victoria) tree victoria bullseye "${base[@]}" "${victoria[@]}" ;;
    trixie) tree trixie trixie "${base[@]}" ;;
    light-bullseye) tree "$name" bullseye "${base[@]}" "${light_old[@]}" ;;
    light-trixie) tree "$name" trixie "${base[@]}" "${light[@]}" ;;
    mirror) mirror ;;
    hop) hop ;;
    guest) guest ;;
    *) die "no image is called $name" 2 ;;
  esac
done
