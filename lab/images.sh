#!/usr/bin/env bash
# Builds the lab's images: root trees made by mmdebstrap from the Debian mirror that this machine itself uses.
# usage: images.sh NAME...   (victoria | trixie | zed | mirror)   Finished images are kept and not built again.
set -euo pipefail
cache=${SWAPCTL_LAB:-/var/cache/swapctl-lab}
images=$cache/images
mkdir -p "$images" "$cache/debs"

debian_mirror() {
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' | awk '$1=="Debian" && $2=="bookworm"{print $3; exit}'
}

# What every machine needs: it boots, answers ssh, moves addresses.
base=(systemd-sysv dbus openssh-server iproute2 iputils-arping iputils-ping procps nftables zstd curl ca-certificates
  python3 eatmydata less kmod)
victoria=(mariadb-server rabbitmq-server memcached keystone glance-api placement-api nova-api nova-conductor nova-scheduler
  neutron-server cinder-api cinder-scheduler cinder-volume heat-api heat-api-cfn heat-engine python3-openstackclient
  python3-heatclient tgt qemu-utils nova-compute python3-libvirt libvirt-daemon-system qemu-system-x86 neutron-openvswitch-agent
  openvswitch-switch busybox-static)
# The *-manage commands of Zed and nothing that runs.
zed=(python3-pymysql keystone glance-common nova-common placement-common neutron-common cinder-common heat-common)
epoxy=(mariadb-server rabbitmq-server memcached keystone glance-api placement-api nova-api nova-conductor nova-scheduler
  neutron-api neutron-rpc-server cinder-api cinder-scheduler cinder-volume heat-api heat-api-cfn heat-engine
  python3-openstackclient python3-heatclient tgt qemu-utils arping libiscsi-bin qemu-block-extra)

tree() { # NAME SUITE PACKAGE...
  local name=$1 suite=$2; shift 2
  [ -e "$images/$name/etc/os-release" ] && return 0
  rm -rf "$images/$name.tmp"
  mmdebstrap --variant=apt --mode=root --format=directory --skip=check/qemu \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='force-unsafe-io' \
    --hook-dir=/usr/share/mmdebstrap/hooks/eatmydata \
    --include="$(IFS=,; echo "$*")" "$suite" "$images/$name.tmp" "$(debian_mirror)"
  mv "$images/$name.tmp" "$images/$name"
}

for name in "$@"; do
  case $name in
    victoria) tree victoria bullseye "${base[@]}" "${victoria[@]}" ;;
    trixie) tree trixie trixie "${base[@]}" ;;
    zed) tree zed bookworm "${zed[@]}" ;;
    *) echo "images.sh: no image is called $name" >&2; exit 2 ;;
  esac
done
