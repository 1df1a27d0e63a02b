# shellcheck shell=bash
# Names, addresses and keys of a machine, before packages are installed. Sourced by lab.sh.

make_keys() {
  mkdir -p "$keys" && chmod 700 "$keys"
  local name
  for name in operator "${machines[@]}"; do
    [ -e "$keys/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "swaplab $name" -f "$keys/$name"
  done
  for name in "${machines[@]}"; do
    echo "$(mgmt "$name"),$(storage "$name"),${hostname[$name]} $(cut -d' ' -f1,2 "$keys/$name.pub")"
  done >"$keys/known_hosts"
}

hosts_file() {
  echo "127.0.0.1 localhost"
  echo "$vip controller"
  local name
  for name in "${machines[@]}"; do echo "$(mgmt "$name") ${hostname[$name]}"; done
  echo "$(mgmt operator) operator"
}

network_file() { # NIC ADDRESS...
  printf '[Match]\nName=%s\n\n[Network]\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' "$1"
  printf 'Address=%s/24\n' "${@:2}"
}

# base MACHINE ROOT VARIANT: configures the root of a machine that does not run yet.
base() {
  local name=$1 root=$2 eth0 eth1 unit
  eth0=("$(mgmt "$name")") eth1=("$(storage "$name")")
  [ "$name" != source ] || eth0+=("$vip")
  [ "$name:$3" != source:move-storage ] || eth1+=("$portal")
  echo "${hostname[$name]}" >"$root/etc/hostname"
  hosts_file >"$root/etc/hosts"
  rm -f "$root/etc/resolv.conf" "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"
  echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf" # refuses at once, so that no lookup waits for a timeout
  : >"$root/etc/machine-id"
  mkdir -p "$root/etc/systemd/network" "$root/root/.ssh" "$root/etc/ssh/sshd_config.d"
  network_file eth0 "${eth0[@]}" >"$root/etc/systemd/network/10-eth0.network"
  network_file eth1 "${eth1[@]}" >"$root/etc/systemd/network/10-eth1.network"
  install -m 600 "$keys/operator.pub" "$root/root/.ssh/authorized_keys"
  install -m 600 "$keys/$name" "$root/etc/ssh/ssh_host_ed25519_key"
  printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n' >"$root/etc/ssh/sshd_config.d/lab.conf"
  for unit in systemd-networkd-wait-online.service systemd-resolved.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer systemd-modules-load.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  rm -f "$root"/etc/systemd/system/{iscsi.service,sysinit.target.wants/{iscsid,open-iscsi}.service} # no initiator in this kernel
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -sf /lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"
  if [ "$name" = target ]; then
    rm -f "$root"/etc/apt/sources.list.d/*
    echo "deb [trusted=yes] http://$(mgmt mirror)/ ./" >"$root/etc/apt/sources.list"
  fi
  if [ "$name" != compute ]; then stand_ins "$root"; fi
}

# Some kernels have no device-mapper, so a stand-in replaces LVM's commands on the machines that serve volumes.
stand_ins() {
  local root=$1 command
  install -D -m 755 "$lab/stand-ins/lvm" "$root/usr/local/lib/lvm-stand-in/lvm"
  install -D -m 644 "$lab/stand-ins/lvm-stand-in.service" "$root/etc/systemd/system/lvm-stand-in.service"
  ln -sf ../lvm-stand-in.service "$root/etc/systemd/system/multi-user.target.wants/lvm-stand-in.service"
  local at=/sbin; [ ! -L "$root/sbin" ] || at=/usr/sbin
  for command in vgs lvs pvs lvcreate lvremove lvchange lvextend lvrename lvdisplay lvconvert vgdisplay; do
    # Diverted, so that the lvm2 package can be installed or upgraded beside it.
    chroot "$root" dpkg-divert --quiet --local --rename --divert "$at/$command.lvm2" --add "$at/$command"
    ln -sf /usr/local/lib/lvm-stand-in/lvm "$root$at/$command"
  done
  mkdir -p "$root/var/lib/lvm-stand-in/cinder-volumes"
}
