import { expect, test } from 'vitest'
import { guestFromAnywhere, hasPassword, severalBrokers } from '../src/checks/broker.ts'
import { settingsOf } from '../src/checks/config.ts'
import { ofServices, startedWith } from '../src/checks/config-places.ts'
import { fileChecks, leadingOut, mountOf, mountsOf, sharesOf, sharing } from '../src/checks/files.ts'
import { closedChains, packetFilterChecks } from '../src/checks/firewall.ts'
import { interfaceChecks, linksOf } from '../src/checks/interfaces.ts'
import { pathsIn } from '../src/checks/named-files.ts'
import { nameChecks, routeOf } from '../src/checks/names.ts'
import { textsOf } from '../src/checks/once.ts'
import { portChecks, serversOf } from '../src/checks/ports.ts'
import { apart, proxyOf } from '../src/checks/system.ts'
import { certificatePaths, certificatesOf, tlsChecks } from '../src/checks/tls.ts'
import { addressesIn, hostsIn, namesIn } from '../src/text/hosts-in.ts'

test('every check has a remedy', () => {
  for (const check of [
    ...nameChecks,
    ...interfaceChecks,
    ...packetFilterChecks,
    ...portChecks,
    ...fileChecks,
    ...tlsChecks,
  ])
    expect(check.remedy.length, check.id).toBeGreaterThan(20)
})

test('hosts are read from URLs without any part of a password', () => {
  const hosts: readonly (readonly [string, readonly string[]])[] = [
    ['http://a.example:5000/v3', ['a.example']],
    ['rabbit://u:p@10.0.0.1:5672,u:p@10.0.0.2:5672/heat', ['10.0.0.1', '10.0.0.2']],
    ['rabbit://u:one,two,three@10.0.0.1/', ['10.0.0.1']],
    ['rabbit://u:12,secret/word@10.0.0.1/', []],
    ['mysql+pymysql://nova:p#ss;w%40rd@db/nova?charset=utf8', ['db']],
    ['http://[fd00::1]:9292', ['fd00::1']],
    ['http://10.0.0.1:9292,http://b:9292', ['10.0.0.1', 'b']],
    ['qemu+ssh://%s/system', []],
    ['sqlite:////var/lib/nova.sqlite', []],
    ['egg:Paste#urlmap', []],
  ]
  for (const [value, wanted] of hosts) expect(hostsIn(value), value).toEqual(wanted)
})

test('plain addresses, with or without a port', () => {
  expect(addressesIn('10.0.0.1:11211,10.0.0.2, [fd00::1]:11211 fd00::2 host:5')).toEqual([
    '10.0.0.1',
    '10.0.0.2',
    'fd00::1',
    'fd00::2',
  ])
  expect(addressesIn('1.2.3')).toEqual([])
})

test('settings are parsed without comments and sections', () => {
  const text = '[DEFAULT]\n# a = b\n;c = d\nmy_ip = 10.0.0.1\nempty =\n'
  expect(settingsOf(new Map([['/etc/x.conf', text]]))).toEqual([
    { file: '/etc/x.conf', key: 'my_ip', value: '10.0.0.1' },
  ])
})

test("grep's NUL keeps paths with colons apart from their lines", () => {
  expect(textsOf('/etc/a:b\0one: 1\n/etc/a:b\0\n/etc/c\0two\n')).toEqual(
    new Map([
      ['/etc/a:b', 'one: 1\n\n'],
      ['/etc/c', 'two\n'],
    ]),
  )
})

test('links with their bridge, MTU and carrier', () => {
  const text = `2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 qdisc noqueue master br-ex state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
3: eth1: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo_fast state DOWN mode DEFAULT`
  expect(linksOf(text)).toEqual(
    new Map([
      ['eth0', { mtu: 9000, master: 'br-ex', noCarrier: false }],
      ['eth1', { mtu: 1500, noCarrier: true }],
    ]),
  )
})

test('a firewall is closed by its policy or its last rule, and only in the input chain', () => {
  const table = (name: string, hook: string, rule: string) =>
    `table inet ${name} {\n\tchain c {\n\t\t${hook}\n\t\t${rule}\n\t}\n}\n`
  const input = 'type filter hook input priority filter; policy accept;'
  expect(closedChains(table('a', input.replace('accept', 'drop'), 'tcp dport 22 accept'))).toEqual(['inet a c'])
  expect(closedChains(table('a', input, 'counter packets 3 bytes 180 reject with icmpx admin-prohibited'))).toEqual([
    'inet a c',
  ])
  expect(closedChains(table('a', input, 'ip saddr 10.0.0.9 drop'))).toEqual([])
  expect(closedChains(table('a', input.replace('input', 'forward'), 'drop'))).toEqual([])
  expect(closedChains(table('swapctl_fence', input, 'drop'))).toEqual([])
})

test('listening programs from old and new ss', () => {
  const text = `State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN 0      100          0.0.0.0:8774      0.0.0.0:*    users:(("uwsgi_python39",pid=12,fd=3),("uwsgi_python39",pid=11,fd=3))
LISTEN 0      80              [::]:3306         [::]:*    users:(("mariadbd",pid=9,fd=22))
LISTEN 0      80         127.0.0.1:9            [::]:*`
  expect(serversOf(text)).toEqual([
    { port: 8774, program: 'uwsgi_python39' },
    { port: 3306, program: 'mariadbd' },
  ])
})

test('mounts: the longest matching path, the last of equal ones', () => {
  const all = mountsOf(
    '/dev/vda / ext4 rw,relatime 0 0\ntmpfs /var/lib tmpfs rw 0 0\na:/x /var/lib/glance\\040x nfs4 rw 0 0\ntmpfs /var/lib tmpfs ro,noexec 0 0\n',
  )
  expect(mountOf(all, '/var/library')?.path).toBe('/')
  expect(mountOf(all, '/var/lib/x')?.options).toEqual(['ro', 'noexec'])
  expect(mountOf(all, '/var/lib/glance x/y')?.type).toBe('nfs4')
})

test('free space and inodes; a file system that counts no inodes is left out', () => {
  expect(
    sharesOf('Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 100 96 4 96% /\nbtrfs 0 0 0 - /var\n'),
  ).toEqual([{ mount: '/', free: 4, used: 96 }])
})

test('links out of a tree, and links within it', () => {
  const trees = ['/var/lib/glance/images']
  expect(
    leadingOut(
      trees,
      '/var/lib/glance/images/a\t/srv/a\n/var/lib/glance/images/b\ta\n/var/lib/glance/images/d/c\t../../../x\n',
    ),
  ).toEqual(['/var/lib/glance/images/a -> /srv/a', '/var/lib/glance/images/d/c -> ../../../x'])
})

test('machines that share a value', () => {
  expect(
    sharing(
      new Map([
        ['source', 'a'],
        ['target', 'b'],
        ['compute:x', 'a'],
        ['y', undefined],
        ['z', undefined],
      ]),
    ),
  ).toEqual([['source', 'compute:x']])
})

test('config files that programs were started with', () => {
  expect(
    startedWith(
      '/usr/bin/python3 /usr/bin/nova-api --config-file=/etc/nova/nova.conf --config-dir /opt/d/ --log-file=/x',
    ),
  ).toEqual(['/etc/nova/nova.conf', '/opt/d'])
})

test("the text of a script that names services is no service's command line", () => {
  const program = '/usr/bin/python3 /usr/bin/nova-api --config-file=/opt/nova.conf'
  const wrapper = '/bin/bash /usr/local/bin/nova-wrapper --config-dir /opt/d'
  const scripts = [
    'bash --norc -e -c exec nova-api --config-file /z)',
    'sh -ec for nova-api in x; do case $1 in --config-file /*) ;; esac; done',
    'timeout 20 /bin/bash -c exec nova-api --config-file /x)',
    "python3 -c open('/usr/bin/nova-api --config-file /y')",
  ]
  expect(ofServices([...scripts, program, wrapper, '/usr/bin/cinder-api'], ['nova'])).toEqual([program, wrapper])
})

test('certificates that haproxy, apache, nginx and the services name', () => {
  const text = `bind :5000 ssl crt /etc/ssl/a.pem alpn h2
 SSLCertificateFile "/etc/ssl/b.crt"
 ssl_certificate /etc/ssl/c.crt;
cert_file = /etc/ssl/d.crt
 #SSLCertificateFile /etc/ssl/no.crt
 SSLCertificateKeyFile /etc/ssl/b.key`
  expect(certificatePaths(text)).toEqual(['/etc/ssl/a.pem', '/etc/ssl/b.crt', '/etc/ssl/c.crt', '/etc/ssl/d.crt'])
  expect(certificatesOf('/etc/a\n-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n')).toEqual([])
})

test('brokers, policies and the guest account', () => {
  const url = { file: '/etc/x.conf', key: 'transport_url' }
  expect(
    severalBrokers([
      { ...url, value: 'rabbit://a:b@h1,a:b@h2/' },
      { ...url, value: 'rabbit://a:b@h1/' },
    ]),
  ).toEqual(['transport_url in /etc/x.conf names h1, h2'])
  // RabbitMQ documentation, "Computing password hash": test12 with the salt 908DC60A
  const user = {
    name: 'x',
    password_hash: 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR',
    hashing_algorithm: 'rabbit_password_hashing_sha256',
  }
  expect(hasPassword(user, 'test12')).toBe(true)
  expect(hasPassword(user, 'guest')).toBe(false)
  expect(guestFromAnywhere('# loopback_users = none\n')).toBe(false)
  expect(guestFromAnywhere('loopback_users.guest = false\n')).toBe(true)
  expect(guestFromAnywhere('[{rabbit, [{loopback_users, []}]}].')).toBe(true)
  expect(guestFromAnywhere('%% {loopback_users, []}')).toBe(false)
})

test('routes, clocks and proxies', () => {
  expect(routeOf('10.0.0.9 via 10.0.0.1 dev eth0 src 10.0.0.2 uid 0\n    cache')).toEqual({
    via: '10.0.0.1',
    from: '10.0.0.2',
  })
  expect(routeOf('10.0.0.9 dev eth0')).toEqual({})
  expect(
    apart(
      [
        { name: 'a', ahead: 5 },
        { name: 'b', ahead: 1 },
      ],
      1,
      3,
    ),
  ).toEqual(["the clock of a is 4.0 s ahead of the target's"])
  expect(proxyOf('HTTPS_PROXY=http://p:1\nno_proxy="localhost,10.0.0.1"\n')).toEqual({
    proxy: true,
    except: ['localhost', '10.0.0.1'],
  })
  expect(proxyOf('# http_proxy=x\nPATH=/bin\n')).toEqual({ proxy: false, except: [] })
})

test.each([
  ['/etc/cinder/nfs_shares', ['/etc/cinder/nfs_shares']],
  ['/a/images:100, /b/images/', ['/a/images', '/b/images']],
  ['file:///etc/keystone/rules.json', ['/etc/keystone/rules.json']],
  ['mysql+pymysql://u:p/w@db/nova?charset=utf8&ssl_ca=/etc/ca.pem&ssl_key=/etc/k.pem', ['/etc/ca.pem', '/etc/k.pem']],
  ['$state_path/x', []],
  ['/v3', ['/v3']],
  ['/run/lock,/usr/bin/x,/', []],
  ['http://host/etc/x', []],
])('paths in the value %s', (value, paths) =>
  expect(pathsIn([{ file: 'f', key: 'k', value }]).map(({ path }) => path)).toEqual(paths),
)

test('host names without a URL are found where the option is about hosts', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['nova_metadata_ip', 'ctl1', ['ctl1']],
    ['nova_metadata_host', '"ctl1.example.com"', ['ctl1.example.com']],
    ['memcached_servers', 'ctl1:11211, ctl2:11211,10.0.0.1:11211', ['ctl1', 'ctl2']],
    ['metadata_host', '$my_ip', []],
    ['auth_url', 'ctl1', []],
    ['admin_password', 'ctl1', []],
    ['use_host', 'true', []],
    ['glance_host', 'http://ctl1:9292', []],
  ]
  for (const [key, value, wanted] of cases) expect(namesIn(key, value), `${key} = ${value}`).toEqual(wanted)
})
