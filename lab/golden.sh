# shellcheck shell=bash
# The golden layers: each machine's disk after the cloud was built, filled and shut down cleanly. Sourced by lab.sh.
compute_only=(nova-compute nova-compute-kvm neutron-openvswitch-agent openvswitch-switch libvirt-daemon-system)
controller_only=(mariadb-server mariadb-server-10.5 rabbitmq-server memcached keystone glance-api placement-api nova-api nova-conductor
  nova-scheduler neutron-server neutron-api neutron-rpc-server cinder-api cinder-scheduler cinder-volume heat-api heat-api-cfn heat-engine tgt)
compute_units=(openvswitch-switch libvirtd neutron-openvswitch-agent nova-compute nova-compute-fake)

# Identifies what the layers are made of: the lab's own files and the images' package lists.
golden_hash() {
  (cd "$lab" && find base.sh golden.sh source compute stand-ins -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | xargs sha256sum
    cat "$images"/{victoria,trixie}.made-of) 2>/dev/null | sha256sum | cut -c1-16
}

build() {
  mkdir -p "$run"
  make_keys
  images_beside victoria:180 guest:10 & local pid=$!
  images_beside trixie:45 mirror:30 hop:130
  wait "$pid"
  [ "$(cat "$golden/$variant/made-of" 2>/dev/null)" = "$(golden_hash)" ] || phase 300 "golden cloud ($variant)" golden_build
}

# images_beside NAME:SECONDS...: builds the missing images one after the other; two such calls keep two cores busy.
images_beside() {
  local name
  for name in "$@"; do
    "$lab/images.sh" --have "${name%:*}" || phase "${name#*:}" "image ${name%:*}" "$lab/images.sh" "${name%:*}"
  done
}

# Removes the packages of the other role, because swapctl finds a machine's services by its packages.
without() { # ROOT PACKAGE...
  mount -t proc proc "$1/proc"
  chroot "$1" env DEBIAN_FRONTEND=noninteractive eatmydata apt-get -qq -y purge "${@:2}" >"$run/purge.log" 2>&1 || { umount "$1/proc"; die "purge failed, see $run/purge.log"; }
  umount "$1/proc"
}

one_worker() { sed -i 's/^processes = .*/processes = 1/; s/^threads = .*/threads = 8/' "$1"/etc/*/*uwsgi.ini; }

source_disk() {
  local root=$1 portal_now; portal_now=$(storage source)
  [ "$variant" = fixed-storage ] || portal_now=$portal
  without "$root" "${compute_only[@]}"
  base source "$root" "$variant"
  rm -f "$root"/etc/systemd/system/multi-user.target.wants/{keystone,nova-*,placement-api,rtslib*,rsync}.service
  /usr/bin/python3 "$lab/source/render.py" "$lab/source/etc" "$root" "$vip" "$portal_now"
  one_worker "$root"
  sed -i 's/^-l .*/-l 0.0.0.0/' "$root/etc/memcached.conf"
  mkdir -p "$root/root/lab"
  cp "$lab"/source/{setup,populate}.py "$lab/source/passwords.json" "$root/root/lab/"
  cp "$cache"/guest/{kernel,ramdisk} "$root/root/lab/"
}

compute_disk() {
  local root=$1
  without "$root" "${controller_only[@]}"
  base compute "$root" "$variant"
  rm -f "$root"/etc/systemd/system/multi-user.target.wants/{nova-*,libvirt*,openvswitch*,rtslib*,rsync}.service
  /usr/bin/python3 "$lab/source/render.py" "$lab/compute/etc" "$root" "$vip" "$portal"
}

target_disk() { base target "$1" "$variant"; }

# While the cloud is built, the database need not survive a crash of the host. The next boot undoes this.
without_sync() {
  mkdir -p /run/systemd/system/mariadb.service.d
  printf '[Service]\nEnvironment=LD_PRELOAD=libeatmydata.so\n' >/run/systemd/system/mariadb.service.d/lab.conf
  systemctl daemon-reload
  systemctl restart mariadb
}

golden_build() {
  local made=$golden/$variant.tmp name
  wipe
  rm -rf "$made" "${golden:?}/$variant"
  net_up; plain_up operator; mirror_up
  for name in source compute target; do
    attach "$name" "$images/${image[$name]}" "$made/$name"
    "${name}_disk" "$run/$name/root"
    boot "$name"
  done
  for name in "${machines[@]}"; do wait_ssh "$name"; done
  inside source bash -c "$(declare -f without_sync); without_sync"
  phase 90 "  set up the controller" inside source python3 /root/lab/setup.py /root/lab/passwords.json "$vip"
  inside compute env SYSTEMCTL_SKIP_SYSV=1 systemctl --quiet enable --now "${compute_units[@]}" 2>/dev/null
  phase 120 "  fill the cloud" inside source python3 /root/lab/populate.py /root/lab/passwords.json "$vip"
  cp "$made/source/root/lab/facts.json" "$made/facts.json"
  phase 20 "  clean shutdown" halt_all
  rm -rf "$made/source/root/lab"
  golden_hash >"$made/made-of"
  mv "$made" "$golden/$variant"
}

# Waits until every service reports up and every guest that was running runs again.
wait_cloud() {
  netns operator /usr/bin/python3 "$lab/wait.py" "$vip" "$lab/source/passwords.json" "$golden/$variant/facts.json" 1200
  local n
  for n in $(seq 60); do
    [ "$(inside compute virsh list --name | grep -c instance)" != 2 ] || return 0
    sleep 1
  done
  die "the guests on the compute node do not run; see: npm run lab -- exec compute virsh list --all"
}
