#!/bin/sh
# On a light target: a root tree and a Python environment with a nova-manage that tells what it sees and may write.
set -eu
put() { install -D -m 755 /dev/stdin "$1"; }
# shellcheck disable=SC2016 # the tool itself expands it
manage='[ "$*" != --help ] || exit 0
echo "$(id -un) $* $(cat /etc/nova/nova.conf) $(cat /etc/mark 2>/dev/null || echo outside)"
for place in "$MINE/usr/new" "$MINE/etc/new" "$MINE/lib/new" /var/log/nova/new /var/lib/nova/new /tmp/new; do
  ! touch "$place" 2>/dev/null || echo "wrote $place"
done
[ -S /run/mysqld/mysqld.sock ] && echo socket
exit 7'
useradd --system nova
install -d -o nova /etc/nova /var/log/nova /var/lib/nova
echo merged >/etc/nova/nova.conf
tree=/srv/zed venv=/openstack/venvs/nova-26.1.0
for one in /bin/sh /usr/bin/env /usr/bin/id /usr/bin/cat /usr/bin/touch; do
  for path in "$one" $(ldd "$one" | grep -o '/[^ ]*'); do
    install -D -m 755 "$(readlink -f "$path")" "$tree$path"
  done
done
echo inside | put "$tree/etc/mark"
mkdir -p $tree/sbin $tree/root $tree/dev $tree/proc $tree/sys $tree/run $tree/tmp $tree/var/tmp $tree/var/log/nova $tree/var/lib/nova $tree/etc/nova \
  $tree/usr/lib/python3/dist-packages/nova-26.1.0.dist-info $tree/usr/lib/python3/dist-packages/PyMySQL-1.0.2.egg-info
touch $tree/etc/passwd $tree/etc/group $tree/etc/hosts
printf '#!/bin/sh\nMINE=\n%s\n' "$manage" | put $tree/usr/local/bin/nova-manage
# Modes that let anybody write: only the unit's own limits are in the way.
python3 -m venv --without-pip $venv
for name in nova-26.1.0.dist-info pymysql-1.0.2.dist-info; do mkdir "$(echo $venv/lib/python3*/site-packages)/$name"; done
mkdir -p $venv/usr $venv/etc
printf '#!/bin/sh\nMINE=%s\n%s\n' $venv "$manage" | put $venv/bin/nova-manage
chmod -R a+rwX $tree $venv
