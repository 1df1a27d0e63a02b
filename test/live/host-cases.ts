import type { CheckContext as Context } from '../../src/ask/check.ts'

export type Where = 'source' | 'target' | 'compute' | 'local' | 'stranger'

/** A fault created on one of the machines, and the finding of its check. */
export interface Case {
  readonly id: string
  readonly on?: Where
  /** shell text, as root on that machine */
  readonly make?: string
  readonly undo?: string
  /** for a fault that these machines cannot have: the source of the recorded output */
  readonly fed?: string
  readonly change?: (context: Context) => Context
  readonly says: RegExp
  /** no other finding: what is right beside the fault passes */
  readonly alone?: true
}

const file = (path: string, text: string): Pick<Case, 'make' | 'undo'> => ({
  make: `mkdir -p "$(dirname ${path})"; [ ! -e ${path} ] || cp -a ${path} /run/kept; cat > ${path} <<'END'\n${text}\nEND`,
  undo: `if [ -e /run/kept ]; then mv /run/kept ${path}; else rm ${path}; fi`,
})

const line = (path: string, text: string): Pick<Case, 'make' | 'undo'> => ({
  make: `mkdir -p "$(dirname ${path})"; touch ${path}; cp -a ${path} /run/kept; printf '%s\\n' '${text}' >> ${path}`,
  undo: `mv /run/kept ${path}`,
})

const mounted = (path: string, options: string, then = ''): Pick<Case, 'make' | 'undo'> => ({
  make: `mount -t tmpfs -o ${options} none ${path}; ${then}`,
  undo: `umount ${path}`,
})

/** A program that listens under another name. */
const listening = (program: string, port: number): Pick<Case, 'make' | 'undo'> => ({
  make: `cp "$(readlink -f "$(which python3)")" /run/${program}
    nohup /run/${program} -c "import socket, time; s = socket.create_server(('0.0.0.0', ${port})); time.sleep(600)" >/dev/null 2>&1 </dev/null &
    echo $! > /run/listening
    for n in $(seq 100); do ss -Hltn 'sport = :${port}' | grep -q . && break; sleep 0.05; done`,
  undo: 'kill "$(cat /run/listening)"; sleep 0.1',
})

/** A package with only the given files, as dpkg installs it. */
const packaged = (name: string, source: string, path: string, text: string): string => `
  rm -rf /run/deb; mkdir -p /run/deb/DEBIAN "$(dirname /run/deb${path})"
  printf 'Package: ${name}\\nSource: ${source}\\nVersion: 1\\nArchitecture: all\\nMaintainer: Nobody <nobody@example.org>\\nDescription: made for a test\\n' > /run/deb/DEBIAN/control
  cat > /run/deb${path} <<'END'\n${text}\nEND
  echo ${path} > /run/deb/DEBIAN/conffiles
  dpkg-deb -b /run/deb /run/made.deb >/dev/null; dpkg -i --force-depends /run/made.deb >/dev/null 2>&1`

/** `from` and `to` in the syntax of `date -d`. */
const certificate = (name: string, to: string, from = 'now'): string =>
  `mkdir -p /etc/haproxy; rm -rf /run/ca; mkdir /run/ca; : > /run/ca/index
   printf '[ca]\\ndefault_ca=own\\n[own]\\ndatabase=/run/ca/index\\nnew_certs_dir=/run/ca\\nrand_serial=yes\\ndefault_md=sha256\\npolicy=any\\nx509_extensions=names\\n[any]\\ncommonName=supplied\\n[names]\\nsubjectAltName=${name}\\n' > /run/ca/conf
   openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /run/tls.key -out /run/ca/csr -subj /CN=cloud 2>/dev/null
   openssl ca -batch -selfsign -notext -config /run/ca/conf -keyfile /run/tls.key -in /run/ca/csr -out /run/tls.crt -startdate "$(date -u -d '${from}' +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d '${to}' +%Y%m%d%H%M%SZ)" 2>/dev/null
   cat /run/tls.key /run/tls.crt > /etc/haproxy/cloud.pem
   printf 'frontend api\\n  bind 10.77.71.10:5000 ssl crt /etc/haproxy/cloud.pem\\n' > /etc/haproxy/haproxy.cfg`

const withVariables =
  (variables: Readonly<Record<string, string>>, side: 'source' | 'target') => (context: Context) => ({
    ...context,
    survey: { ...context.survey, [side]: { ...context.survey[side], mariadb: variables } },
  })

const clocks = 'a clock cannot be set for one namespace: the survey says that the target is ahead'
const nova = '/etc/nova/nova.conf'

/** Large packets are dropped silently by the kernel, because no program should do it. */
const blackHole = {
  make: 'nft "add table inet path; add chain inet path in { type filter hook input priority 0; }; add rule inet path in meta length > 1400 drop"',
  undo: 'nft delete table inet path',
}

const withCinder = (context: Context): Context =>
  ({
    ...context,
    survey: { ...context.survey, services: [{ name: 'cinder', databases: [{ name: 'cinder', repo: 'cinder' }] }] },
  }) as unknown as Context

const withVolume = (context: Context): Context =>
  ({
    ...context,
    survey: { ...context.survey, services: [{ name: 'cinder', running: ['cinder-volume.service'], databases: [] }] },
  }) as unknown as Context

/** Its schemas pass zed, whose tools are in a tree of the operator's. */
const withTree = (context: Context): Context =>
  ({
    ...context,
    config: { ...context.config, hops: [{ release: 'zed', tree: '/opt/zed' }] },
    survey: { ...context.survey, services: [{ name: 'cinder', databases: [{ hops: ['zed', '2025.1'] }] }] },
  }) as unknown as Context

export const cases: readonly Case[] = [
  {
    id: 'both/path-mtu',
    on: 'target',
    ...blackHole,
    says: /^packets of 1500 bytes from compute:one to 10\.77\.71\.12 are lost/,
  },
  {
    id: 'both/path-mtu',
    on: 'source',
    ...blackHole,
    says: /^packets of 1500 bytes from target to 10\.77\.71\.11 are lost/,
  },
  {
    id: 'source/config-encoding',
    on: 'source',
    make: `cp -a ${nova} /run/kept; printf 'admin_password = caf\\351 s3cret\\n' >> ${nova}`,
    undo: `mv /run/kept ${nova}`,
    says: /^\/etc\/nova\/nova\.conf is not UTF-8 at line 6$/,
  },
  {
    id: 'source/config-encoding',
    on: 'source',
    make: `cp -a ${nova} /run/kept; iconv -t UTF-16LE /run/kept > ${nova}`,
    undo: `mv /run/kept ${nova}`,
    says: /^\/etc\/nova\/nova\.conf has bytes that are zero/,
  },
  {
    id: 'source/config-encoding',
    on: 'source',
    make: `cp -a ${nova} /run/kept; { printf '\\357\\273\\277'; cat /run/kept; } > ${nova}`,
    undo: `mv /run/kept ${nova}`,
    says: /begins with a byte order mark/,
  },
  {
    id: 'source/own-policies',
    on: 'source',
    ...file('/etc/nova/policy.d/10-own.yaml', '"os_compute_api:servers:show": "rule:admin_or_owner"\n# "x": "y"'),
    says: /^\/etc\/nova\/policy\.d\/10-own\.yaml on the source sets 1 custom policy rules/,
  },
  {
    id: 'source/own-policies',
    on: 'source',
    alone: true,
    make: `${packaged('own-rules', 'nova', '/etc/nova/policy.d/00-theirs.yaml', '"a": "!"')}
      ${packaged('old-rules', 'nova', '/etc/nova/policy.d/01-changed.yaml', '"a": "!"')}; echo '"b": "@"' >> /etc/nova/policy.d/01-changed.yaml`,
    undo: 'dpkg --purge own-rules old-rules >/dev/null; ! test -e /etc/nova/policy.d/00-theirs.yaml',
    says: /^\/etc\/nova\/policy\.d\/01-changed\.yaml on the source sets 2 custom/,
  },
  {
    id: 'source/own-policies',
    on: 'source',
    alone: true,
    make: packaged('vendor-rules', 'vendor', '/etc/nova/policy.d/02-vendor.yaml', '"a": "!"'),
    undo: 'dpkg --purge vendor-rules >/dev/null',
    says: /^\/etc\/nova\/policy\.d\/02-vendor\.yaml on the source sets 1 custom/,
  },
  {
    id: 'compute/service-token',
    change: withCinder,
    says: /^nova-compute on compute:one sends no service token/,
  },
  {
    id: 'rabbitmq/queue-types',
    on: 'compute',
    ...line(nova, 'rabbit_quorum_queue = true'),
    says: /^nova\.conf of compute:one declares queues differently from the source: rabbit_quorum_queue instead of none of them$/,
  },
  {
    id: 'rabbitmq/queue-types',
    on: 'source',
    ...line(nova, 'amqp_durable_queues = True'),
    says: /none of them instead of amqp_durable_queues$/,
  },
  {
    id: 'cinder/drivers',
    on: 'source',
    ...file(
      '/etc/cinder/cinder.conf',
      '[DEFAULT]\nenabled_backends = old, lvm\n[old]\nvolume_driver = cinder.volume.drivers.gone.GoneDriver\n[lvm]\nvolume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver',
    ),
    says: /^the target's cinder has no driver cinder\.volume\.drivers\.gone\.GoneDriver, which the backend old uses$/,
  },
  {
    id: 'target/imports',
    on: 'source',
    ...file(
      '/etc/cinder/cinder.conf',
      '[DEFAULT]\nvolume_manager = cinder.volume.drivers.lvm.There\nbackup_driver = cinder.volume.drivers.lvm.Gone',
    ),
    says: /^the target does not have the class or plugin of \[DEFAULT\] backup_driver in \/etc\/cinder\/cinder\.conf: cinder\.volume\.drivers\.lvm\.Gone$/,
    alone: true,
  },
  {
    id: 'target/imports',
    on: 'source',
    ...file('/etc/cinder/cinder.conf', '[DEFAULT]\nvolume_api_class = own.api.API'),
    says: /volume_api_class in \S+: own\.api\.API$/,
    alone: true,
  },
  {
    id: 'target/imports',
    on: 'source',
    ...file('/etc/cinder/cinder.conf', '[oslo_messaging_notifications]\ndriver = there\ndriver = gone'),
    says: /: gone \(no entry point gone in oslo\.messaging\.notify\.drivers\)$/,
    alone: true,
  },
  {
    id: 'source/copied-files',
    on: 'source',
    ...file(
      '/etc/keystone/domains/keystone.corp.conf',
      '[identity]\ndriver = keystone.identity.backends.ldap.Identity\n[ldap]\nuser_tree_dn = ou=x\npassword = s3cret',
    ),
    says: /^\/etc\/keystone\/domains\/keystone\.corp\.conf is copied unchanged: \[identity\] driver, which must become ldap /,
    alone: true,
  },
  {
    id: 'source/copied-files',
    on: 'source',
    make: `mkdir -p /etc/keystone /srv/own; printf '[identity]\\ndomain_config_dir = /srv/own\\n' > /etc/keystone/keystone.conf; printf '[ldap]\\nurl = ldap://10.77.71.11\\n' > /srv/own/keystone.corp.conf; echo nonsense > /srv/own/other.conf`,
    undo: 'rm -r /etc/keystone/keystone.conf /srv/own',
    says: /^\/srv\/own\/keystone\.corp\.conf is copied unchanged: \[ldap\] url, which must become ldap:\/\/10\.77\.71\.12 /,
    alone: true,
  },
  {
    id: 'cinder/default-backend',
    on: 'source',
    ...file('/etc/cinder/cinder.conf', '[DEFAULT]\nvolume_group = cinder-volumes\niscsi_helper = tgtadm'),
    change: withVolume,
    says: /^\/etc\/cinder\/cinder\.conf on the source has no enabled_backends/,
  },
  {
    id: 'source/own-name',
    on: 'source',
    make: 'cp /etc/hosts /run/kept; echo "10.77.71.10 $(hostname)" > /etc/hosts',
    undo: 'mv /run/kept /etc/hosts',
    says: /resolves its own name, \S+, to 10\.77\.71\.10/,
  },
  {
    id: 'target/own-name',
    on: 'target',
    make: 'cp /etc/hosts /run/kept; echo "10.77.71.10 $(hostname)" > /etc/hosts',
    undo: 'mv /run/kept /etc/hosts',
    says: /the target resolves its own name/,
  },
  {
    id: 'compute/old-address',
    on: 'compute',
    ...line(nova, 'api_servers = http://10.77.71.11:9292'),
    says: /^compute:one: api_servers in \/etc\/nova\/nova.conf points to 10\.77\.71\.11, which stays/,
  },
  {
    id: 'compute/old-address',
    on: 'compute',
    make: `cp -a /etc/hosts /run/hosts; echo "10.77.71.11 old.example" >> /etc/hosts; cp -a ${nova} /run/kept; echo "memcached_servers = 10.77.71.11:11211" >> ${nova}; echo "auth_url = http://old.example:5000/v3" >> ${nova}`,
    undo: `mv /run/hosts /etc/hosts; mv /run/kept ${nova}`,
    says: /auth_url in \S+ points to old\.example \(10\.77\.71\.11\)/,
  },
  {
    id: 'compute/old-address',
    on: 'compute',
    ...line('/etc/neutron/metadata_agent.ini', 'nova_metadata_ip = 10.77.71.11'),
    says: /nova_metadata_ip in \S+ points to 10\.77\.71\.11, which stays/,
  },
  {
    id: 'compute/old-address',
    on: 'compute',
    make: `cp -a /etc/hosts /run/hosts; echo "10.77.71.11 old.example" >> /etc/hosts; mkdir -p /etc/neutron; echo "nova_metadata_ip = old.example" > /etc/neutron/metadata_agent.ini`,
    undo: `mv /run/hosts /etc/hosts; rm /etc/neutron/metadata_agent.ini`,
    says: /nova_metadata_ip in \S+ points to old\.example \(10\.77\.71\.11\)/,
  },
  {
    id: 'compute/old-address',
    on: 'compute',
    ...line(nova, 'my_pool = 10.77.71.2-10.77.71.200'),
    says: /my_pool in \S+ has the range 10\.77\.71\.2-10\.77\.71\.200: .*10\.77\.71\.11.* stays with the old/,
  },
  {
    id: 'both/unknown-names',
    on: 'source',
    ...line(nova, 'auth_url = http://nowhere.invalid:5000'),
    says: /source does not resolve nowhere\.invalid/,
  },
  {
    id: 'target/resolver',
    on: 'target',
    ...file('/etc/resolv.conf', 'nameserver 10.77.71.98\nnameserver 10.77.71.99'),
    says: /the target needs \d+ s to find out/,
  },
  {
    id: 'local/path',
    on: 'local',
    make: 'ip route add 10.77.71.12/32 via 10.77.71.10',
    undo: 'ip route del 10.77.71.12/32',
    says: /reaches target \(10\.77\.71\.12\) by 10\.77\.71\.10, which moves/,
  },
  {
    id: 'target/enslaved-interface',
    on: 'target',
    make: 'ip link add br9 type bridge; ip link set eth0 master br9',
    undo: 'ip link del br9',
    says: /eth0 of the target is a port of br9/,
  },
  {
    id: 'target/carrier',
    on: 'target',
    make: 'ip link add spare0 type veth peer name spare1; ip link set spare0 up',
    undo: 'ip link del spare0',
    change: (context) => ({
      ...context,
      config: {
        ...context.config,
        addresses: context.config.addresses.map((one) => ({ ...one, targetInterface: 'spare0' })),
      },
    }),
    says: /spare0 of the target has no carrier/,
  },
  {
    id: 'target/own-address',
    on: 'stranger',
    make: 'ip addr add 10.77.71.12/24 dev eth0',
    undo: 'ip addr del 10.77.71.12/24 dev eth0',
    says: /10\.77\.71\.12, an address of the target, is also claimed by [0-9a-f:]{17}/,
  },
  {
    id: 'target/packet-filter',
    on: 'target',
    make: "nft add table inet closed; nft 'add chain inet closed in { type filter hook input priority 0; policy drop; }'",
    undo: 'nft delete table inet closed',
    says: /has no rule that lets these in \(inet closed in\)/,
  },
  {
    id: 'target/packet-filter',
    on: 'target',
    make: "nft add table inet last; nft 'add chain inet last in { type filter hook input priority 0; }'; nft add rule inet last in tcp dport 22 accept; nft add rule inet last in counter reject",
    undo: 'nft delete table inet last',
    says: /\(inet last in\)/,
  },
  { id: 'target/port-taken', on: 'target', ...listening('gitea', 5000), says: /gitea on the target uses port 5000/ },
  { id: 'source/front', on: 'source', ...listening('haproxy', 8774), says: /haproxy on the source listens on 8774/ },
  {
    id: 'local/clock',
    fed: clocks,
    change: (context) => ({
      ...context,
      survey: { ...context.survey, target: { ...context.survey.target, clock: 60 } },
    }),
    says: /this machine is 60\.0 s behind the target/,
  },
  {
    id: 'both/proxy',
    on: 'source',
    ...line('/etc/environment', 'http_proxy="http://proxy.example:3128"'),
    says: /the source would use a proxy to reach 10\.77\.71\.10/,
  },
  {
    id: 'both/full-disks',
    on: 'source',
    ...mounted('/var/log', 'size=1m', 'head -c 1040000 /dev/zero > /var/log/full'),
    says: /\/var\/log of the source is (99|100) % full/,
  },
  {
    id: 'target/read-only',
    on: 'target',
    ...mounted('/var/log', 'ro'),
    says: /\/var\/log of the target is read-only/,
  },
  {
    id: 'target/hops-noexec',
    on: 'target',
    ...mounted('/var/lib/swapctl', 'noexec'),
    says: /\/var\/lib\/swapctl of the target is mounted noexec/,
  },
  {
    id: 'target/hops-noexec',
    on: 'target',
    alone: true,
    ...mounted('/opt', 'noexec'),
    change: withTree,
    says: /^\/opt of the target is mounted noexec: the hop environments in \/opt\/zed contain programs$/,
  },
  {
    id: 'target/sysctl',
    on: 'target',
    make: 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys',
    undo: 'umount /proc/sys',
    says: /\/proc\/sys of the target is read-only/,
  },
  {
    id: 'source/remote-trees',
    fed: 'no NFS here: a line of /proc/mounts as a machine with nfs-common has it',
    on: 'source',
    make: `printf '/dev/vda / ext4 rw 0 0\\n10.0.0.5:/glance /var/lib/glance/images nfs4 rw,relatime,vers=4.2,rsize=1048576 0 0\\n' > /run/mounts`,
    undo: 'rm /run/mounts',
    says: /\/var\/lib\/glance\/images of the source is on nfs4/,
  },
  {
    id: 'source/links-out-of-trees',
    on: 'source',
    make: 'ln -s /srv/more/image /var/lib/glance/images/image',
    undo: 'rm /var/lib/glance/images/image',
    says: /\/var\/lib\/glance\/images\/image -> \/srv\/more\/image/,
  },
  {
    id: 'both/initiator-name',
    on: 'target',
    make: 'cp -a /etc/iscsi/initiatorname.iscsi /run/kept; echo InitiatorName=iqn.2026-01.example:source > /etc/iscsi/initiatorname.iscsi',
    undo: 'mv /run/kept /etc/iscsi/initiatorname.iscsi',
    says: /^source and target have the same InitiatorName/,
  },
  {
    id: 'both/machine-id',
    on: 'compute',
    make: 'cp -a /etc/machine-id /run/kept; echo 00000000000000000000000000000001 > /etc/machine-id',
    undo: 'mv /run/kept /etc/machine-id',
    says: /^source and compute:one have the same machine-id/,
  },
  {
    id: 'source/shadowed-modules',
    on: 'source',
    ...mounted('/usr/local/lib', 'rw', 'mkdir -p /usr/local/lib/python3.9/dist-packages/oslo_messaging'),
    says: /Python on the source loads these .*oslo_messaging/,
  },
  {
    id: 'target/shadowed-modules',
    on: 'target',
    ...mounted('/usr/local/lib', 'rw', 'mkdir -p /usr/local/lib/python3.13/dist-packages/SQLAlchemy'),
    says: /Python on the target loads these .*SQLAlchemy/,
  },
  {
    id: 'target/reboot-required',
    on: 'target',
    make: 'touch /run/reboot-required',
    undo: 'rm /run/reboot-required',
    says: /waits for a reboot/,
  },
  {
    id: 'source/unit-overrides',
    on: 'source',
    ...file('/etc/systemd/system/nova-conductor.service.d/limits.conf', '[Service]\nLimitNOFILE=65536'),
    says: /nova-conductor\.service\.d\/limits\.conf/,
  },
  {
    id: 'source/config-outside',
    on: 'source',
    make: `nohup bash -c 'exec -a nova-conductor python3 -c "import time; time.sleep(600)" --config-file=/opt/cloud/nova.conf' >/dev/null 2>&1 </dev/null & echo $! > /run/running; sleep 0.5`,
    undo: 'kill "$(cat /run/running)"',
    says: /read their settings from \/opt\/cloud\/nova\.conf/,
  },
  {
    id: 'source/config-directories',
    on: 'source',
    ...file('/etc/nova/nova.conf.d/50-site.conf', '[DEFAULT]\ncpu_allocation_ratio = 4'),
    says: /\/etc\/nova\/nova\.conf\.d\/50-site\.conf/,
  },
  {
    id: 'source/config-directories',
    on: 'source',
    make: `mkdir /etc/nova/site && echo '[DEFAULT]
cpu_allocation_ratio = 4' > /etc/nova/site/cpu.conf
      nohup bash -c 'exec -a uwsgi python3 -c "import time; time.sleep(600)" --ini /etc/nova/nova-api-uwsgi.ini --pyargv --config-dir=/etc/nova/site/' >/dev/null 2>&1 </dev/null & echo $! > /run/running; sleep 0.5`,
    undo: 'kill "$(cat /run/running)"; rm -r /etc/nova/site',
    says: /\/etc\/nova\/site\/cpu\.conf/,
  },
  {
    id: 'target/masked-units',
    on: 'target',
    make: 'ln -s /dev/null /etc/systemd/system/memcached.service',
    undo: 'rm /etc/systemd/system/memcached.service',
    says: /masked there: memcached/,
  },
  {
    id: 'tls/expired',
    on: 'source',
    make: certificate('DNS:cloud.example', '1 day ago', '9 days ago'),
    undo: 'rm -r /etc/haproxy',
    says: /\/etc\/haproxy\/cloud\.pem on the source expired on /,
  },
  {
    id: 'tls/expired',
    on: 'source',
    make: certificate('DNS:cloud.example', '1 day'),
    undo: 'rm -r /etc/haproxy',
    says: /\/etc\/haproxy\/cloud\.pem on the source expires on /,
  },
  {
    id: 'tls/expires-soon',
    on: 'source',
    make: certificate('DNS:cloud.example', '10 days'),
    undo: 'rm -r /etc/haproxy',
    says: /\/etc\/haproxy\/cloud\.pem on the source expires on /,
  },
  {
    id: 'tls/names',
    on: 'source',
    make: certificate('DNS:other.example', '400 days'),
    undo: 'rm -r /etc/haproxy',
    says: /https:\/\/cloud\.example, but no certificate of the source/,
  },
  {
    id: 'tls/files',
    on: 'source',
    make: `echo ca > /etc/nova/ca.pem; cp -a ${nova} /run/kept; echo 'cafile = /etc/nova/ca.pem' >> ${nova}`,
    undo: `rm /etc/nova/ca.pem; mv /run/kept ${nova}`,
    says: /cafile in \/etc\/nova\/nova\.conf names \/etc\/nova\/ca\.pem/,
  },
  {
    id: 'source/named-files',
    on: 'source',
    alone: true,
    make: `echo share > /etc/nova/shares; mkdir -p /var/lib/novahome; cp -a /etc/passwd /run/passwd; echo novahome:x:990:990::/var/lib/novahome/:/bin/false >> /etc/passwd; cp -a ${nova} /run/kept; printf '[DEFAULT]\\nnfs_shares_config = /etc/nova/shares\\nstate_path = /var/lib/novahome\\nlog_dir = /etc/nova/nowhere\\n' >> ${nova}`,
    undo: `rm -r /etc/nova/shares /var/lib/novahome; cp /run/passwd /etc/passwd; mv /run/kept ${nova}`,
    says: /^nfs_shares_config in \/etc\/nova\/nova\.conf names \/etc\/nova\/shares, which the target/,
  },
  {
    id: 'source/named-files',
    on: 'source',
    make: `printf '"a": "!"\\n"b": "@"\\n' > /etc/nova/rules.yaml; cp -a ${nova} /run/kept; printf '[oslo_policy]\\npolicy_file = /etc/nova/rules.yaml\\n' >> ${nova}`,
    undo: `rm /etc/nova/rules.yaml; mv /run/kept ${nova}`,
    says: /policy_file in \/etc\/nova\/nova\.conf names \/etc\/nova\/rules\.yaml, with 2 custom rules/,
  },
  {
    id: 'source/named-files',
    on: 'source',
    make: `echo ca > /etc/nova/db.pem; cp -a ${nova} /run/kept; printf '[database]\\nconnection = mysql+pymysql://nova:s3cret@db/nova?charset=utf8&ssl_ca=/etc/nova/db.pem\\n' >> ${nova}`,
    undo: `rm /etc/nova/db.pem; mv /run/kept ${nova}`,
    says: /connection in \/etc\/nova\/nova\.conf names \/etc\/nova\/db\.pem/,
  },
  {
    id: 'rabbitmq/several-brokers',
    on: 'source',
    ...line(nova, 'transport_url = rabbit://nova:s3cret@10.77.71.10:5672,nova:s3cret@10.77.71.14:5672/'),
    says: /^transport_url in \/etc\/nova\/nova\.conf names 10\.77\.71\.10, 10\.77\.71\.14$/,
  },
  // 'guest' with a 4-byte salt, as stored by RabbitMQ: rabbitmqctl hash_password guest
  {
    id: 'rabbitmq/guest',
    fed: 'no RabbitMQ here: an account in the form that 3.8 exports',
    on: 'source',
    make: `mkdir -p /etc/rabbitmq; echo 'loopback_users = none' > /etc/rabbitmq/rabbitmq.conf; python3 -c "import base64,hashlib; s=b'\\x90\\x8d\\xc6\\x0a'; print('{\\"users\\":[{\\"name\\":\\"guest\\",\\"password_hash\\":\\"'+base64.b64encode(s+hashlib.sha256(s+b'guest').digest()).decode()+'\\",\\"hashing_algorithm\\":\\"rabbit_password_hashing_sha256\\",\\"tags\\":\\"administrator\\"}]}')" > /run/definitions`,
    undo: 'rm -r /etc/rabbitmq /run/definitions',
    says: /guest can log in to the source's RabbitMQ with its default password/,
  },
  {
    id: 'memcached/elsewhere',
    on: 'source',
    ...line(nova, 'memcached_servers = 10.77.71.10:11211,10.77.71.31:11211'),
    says: /memcached_servers in \/etc\/nova\/nova\.conf names 10\.77\.71\.31$/,
  },
]

/** Cases of MariaDB settings, from a server that has them. */
export const serverCases = (odd: Readonly<Record<string, string>>): readonly Case[] => [
  { id: 'mariadb/tls-required', change: withVariables(odd, 'source'), says: /accepts only TLS connections/ },
  { id: 'mariadb/source-read-only', change: withVariables(odd, 'source'), says: /read_only/ },
]
