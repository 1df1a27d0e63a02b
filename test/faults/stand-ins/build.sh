#!/usr/bin/env bash
# Packages of the stand-ins: build.sh OUT SCHEMAS creates OUT/source/*.deb (zed) and OUT/target, an apt repository
# (2025.1).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1 schemas=$2
mkdir -p "$out/source" "$out/target"

package() { # NAME VERSION FOLDER SIDE [FIELD...]: FOLDER/DEBIAN may hold maintainer scripts
  local name=$1 version=$2 root=$3 side=$4; shift 4
  mkdir -p "$root/DEBIAN"
  printf '%s\n' "Package: $name" "Version: $version" "Architecture: all" "Maintainer: swapctl tests" \
    "Description: stand-in for $name" "$@" >"$root/DEBIAN/control"
  dpkg-deb --root-owner-group -Zgzip -b "$root" "$out/$side/${name}_${side}.deb" >/dev/null
}

unit() { # ROOT NAME USER COMMAND
  mkdir -p "$1/lib/systemd/system"
  printf '[Unit]\nDescription=Stand-in for %s\nAfter=network-online.target mariadb.service\n\n[Service]\nUser=%s\nExecStart=%s\nRestart=no\n\n[Install]\nWantedBy=multi-user.target\n' \
    "$2" "$3" "$4" >"$1/lib/systemd/system/$2.service"
}

# Like Debian's packages: respects a policy that forbids starting services.
starts() { # ROOT UNIT [COMMAND]
  mkdir -p "$1/DEBIAN"
  printf '#!/bin/sh\nset -e\n[ "$1" = configure ] || exit 0\n%s\ndeb-systemd-helper enable %s.service >/dev/null\n[ ! -d /run/systemd/system ] || { systemctl daemon-reload; deb-systemd-invoke start %s.service; } || true\n' \
    "${3:-:}" "$2" "$2" >"$1/DEBIAN/postinst"
  chmod 755 "$1/DEBIAN/postinst"
}
account() { echo "getent passwd $1 >/dev/null || useradd --system --home-dir /var/lib/$1 --create-home --shell /bin/false $1"; }

keystone() { # SIDE VERSION
  local root; root=$(mktemp -d)
  install -D -m 644 "$here/common.py" "$root/usr/lib/keystone-stand-in/common.py"
  install -D -m 755 "$here/keystone-api" "$root/usr/lib/keystone-stand-in/keystone-api"
  install -D -m 755 "$here/keystone-manage" "$root/usr/bin/keystone-manage"
  install -D -m 755 "$here/oslo-config-generator" "$root/usr/bin/oslo-config-generator"
  install -D -m 644 "$here/upgrade.sql" "$root/usr/share/keystone-stand-in/upgrade.sql"
  # A schema created from scratch has no leftover version table.
  { zcat "$schemas/epoxy/keystone.sql.gz"; echo 'DROP TABLE migrate_version;'; } >"$root/usr/share/keystone-stand-in/new.sql"
  mkdir -p "$root/usr/lib/python3/dist-packages/keystone-27.dist-info" "$root/etc/keystone"
  printf 'Metadata-Version: 2.1\nName: keystone\nVersion: 27.0.0\n' >"$root/usr/lib/python3/dist-packages/keystone-27.dist-info/METADATA"
  printf '[oslo.config.opts]\nkeystone = keystone.conf.opts:list_opts\n' >"$root/usr/lib/python3/dist-packages/keystone-27.dist-info/entry_points.txt"
  printf '[DEFAULT]\n# debug = false\n\n[database]\nconnection = sqlite:////var/lib/keystone/keystone.db\n\n[token]\nprovider = fernet\n' >"$root/etc/keystone/keystone.conf"
  unit "$root" keystone keystone /usr/lib/keystone-stand-in/keystone-api
  starts "$root" keystone "$(account keystone); chown root:keystone /etc/keystone/keystone.conf; chmod 640 /etc/keystone/keystone.conf; mkdir -p /var/log/keystone; chown keystone: /var/log/keystone"
  echo /etc/keystone/keystone.conf >"$root/DEBIAN/conffiles"
  package keystone "$2" "$root" "$1"
  rm -rf "$root"
}

# Processes are recognised by their programs' names.
broker() { # SIDE
  local root; root=$(mktemp -d)
  install -D -m 755 "$here/listener" "$root/usr/lib/rabbitmq-stand-in/beam.smp"
  install -D -m 755 "$here/rabbitmqctl" "$root/usr/sbin/rabbitmqctl"
  mkdir -p "$root/etc/rabbitmq"
  unit "$root" rabbitmq-server rabbitmq '/usr/lib/rabbitmq-stand-in/beam.smp 5672'
  starts "$root" rabbitmq-server "$(account rabbitmq)"
  package rabbitmq-server 4.0.5-1 "$root" "$1"
  rm -rf "$root"
}

cache() { # SIDE
  local root; root=$(mktemp -d)
  install -D -m 755 "$here/listener" "$root/usr/bin/memcached"
  mkdir -p "$root/etc"
  printf -- '-m 64\n-p 11211\n-l 127.0.0.1\n' >"$root/etc/memcached.conf"
  unit "$root" memcached memcache '/usr/bin/memcached 11211 /etc/memcached.conf'
  starts "$root" memcached "$(account memcache)"
  echo /etc/memcached.conf >"$root/DEBIAN/conffiles"
  package memcached 1.6.38-1 "$root" "$1"
  rm -rf "$root"
}

keystone source 2:22.0.0-2
keystone target 2:27.0.0-3
for side in source target; do broker $side; cache $side; done
root=$(mktemp -d); package python3-pymysql 1.1.1-2 "$root" target; rm -rf "$root"
cd "$out/target" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release.tmp && mv Release.tmp Release
