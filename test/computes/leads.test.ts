import { describe, expect, test } from 'vitest'
import { presentOn } from '../../src/computes/agents.ts'
import { type Judged, judge, leadsOf } from '../../src/computes/leads.ts'
import { type Seen, seenOf } from '../../src/computes/seen.ts'
import { computeText, summaryText } from '../../src/computes/text.ts'
import type { Ways } from '../../src/computes/where.ts'
import { placesIn } from '../../src/text/hosts-in.ts'
import { withoutKnown } from '../../src/text/secrets.ts'

const password = 'Qw7pass-of-the-queue'

const ways: Ways = {
  moving: new Set(['10.20.0.10']),
  staying: new Set(['10.20.0.11', '10.20.0.12', '192.168.122.1']),
  target: new Set(['10.20.0.21']),
}

/** A compute of Debian with Open vSwitch, as Kolla-Ansible and others address brokers: by the controllers' own addresses. */
const novaConf = `#
[DEFAULT]
#
my_ip = 10.20.0.13
transport_url = rabbit://openstack:${password}@10.20.0.11:5672,openstack:${password}@ctl2:5672//
#
[oslo_messaging_rabbit]
rabbit_hosts = 10.20.0.11:5672
[glance]
api_servers = http://10.20.0.10:9292,http://10.20.0.11:9292
host = 10.20.0.99
[keystone_authtoken]
auth_url = http://cloud.example:5000/v3
memcached_servers = 10.20.0.11:11211,inet6:[fd00::12]:11211
password = ${password}
[cache]
backend_argument = url:10.20.0.12:11211
backend_argument = memcached_expire_time:60
backend_argument = password:12345
[placement]
auth_url = http://$my_ip:5000/v3
[vnc]
novncproxy_base_url = http://10.20.0.10:6080/vnc_auto.html
server_proxyclient_address = 10.20.0.13
`
const computeConf = '[DEFAULT]\ncompute_driver = libvirt.LibvirtDriver\n[neutron]\nauth_url = http://10.20.0.21:5000\n'
const neutronConf = `[DEFAULT]\ntransport_url = rabbit://openstack:${password}@10.20.0.11:5672//\n`
const agentIni = '[DEFAULT]\n[ovs]\nlocal_ip = 10.20.0.13\novsdb_connection = tcp:127.0.0.1:6640\n'
const l3Ini = `[DEFAULT]\ntransport_url = rabbit://openstack:${password}@10.20.0.10:5672//\n`

const unit = (name: string, active = 'active', words = `/etc/init.d/${name} systemd-start`): string =>
  `ExecStart={ path=/x ; argv[]=${words} ; ignore_errors=no ; start_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\nId=${name}.service\nLoadState=loaded\nActiveState=${active}\n`

const absent = 'Id=nova-api-metadata.service\nLoadState=not-found\nActiveState=inactive\n'

const sockets = `State   Recv-Q Send-Q  Local Address:Port   Peer Address:Port Process
LISTEN  0      128           0.0.0.0:22          0.0.0.0:*     users:(("sshd",pid=5,fd=3))
ESTAB   0      0          10.20.0.13:22       10.20.0.11:50022 users:(("sshd",pid=6,fd=4))
ESTAB   0      0          10.20.0.13:40001    10.20.0.11:5672  users:(("nova-compute",pid=100,fd=9))
ESTAB   0      0          10.20.0.13:40002    10.20.0.11:5672  users:(("nova-compute",pid=100,fd=10))
ESTAB   0      0   [::ffff:10.20.0.13]:40003 [::ffff:10.20.0.10]:5672 users:(("neutron-openvsw",pid=200,fd=9))
ESTAB   0      0          10.20.0.13:40004    10.20.0.11:3260
ESTAB   0      0          10.20.0.13:40005    10.20.0.50:53    users:(("nova-compute",100,11))
ESTAB   0      0          10.20.0.13:40006    10.20.0.50:443   users:(("curl",pid=300,fd=3))
ESTAB   0      0          10.20.0.13:40007    10.20.0.11:6642  users:(("ovn-controller",pid=400,fd=3))
`

const outputOf = (more: readonly (readonly string[])[] = []): string =>
  [
    [
      'process',
      '100',
      `nova-compute\nnova-compute\n/usr/bin/python3\n/usr/bin/nova-compute\n--config-file=/etc/nova/nova.conf\n--config-file=/etc/nova/nova-compute.conf\n`,
    ],
    ['process', '101', `nova-compute\nprivsep-helper\n/usr/bin/privsep-helper\n--config-file\n/etc/nova/nova.conf\n`],
    ['process', '400', 'ovn-controller\novn-controller\n'],
    [
      'addresses',
      '',
      '2: eth0: <UP> mtu 1500\n    inet 10.20.0.13/24 scope global eth0\n3: virbr0: <UP> mtu 1500\n    inet 192.168.122.1/24 scope global virbr0\n',
    ],
    ['sockets', '', sockets],
    [
      'switch',
      '',
      '{hostname=cmp1, ovn-encap-ip="10.20.0.13", ovn-remote="tcp:10.20.0.11:6642,ssl:[fd00::12]:6642"}\n',
    ],
    [
      'units',
      '',
      [unit('nova-compute'), absent, unit('neutron-openvswitch-agent'), unit('neutron-l3-agent', 'inactive')].join(
        '\n',
      ),
    ],
    ['file', '/etc/nova/nova.conf', novaConf],
    ['file', '/etc/nova/nova-compute.conf', computeConf],
    ['file', '/etc/nova/other.conf', '[DEFAULT]\ntransport_url = rabbit://10.20.0.12\n'],
    ['file', '/etc/neutron/neutron.conf', neutronConf],
    ['file', '/etc/neutron/plugins/ml2/openvswitch_agent.ini', agentIni],
    ['file', '/etc/neutron/l3_agent.ini', l3Ini],
    ...more,
  ]
    .map((words) => `${words.join('\0')}\0`)
    .join('')

const names = new Map([
  ['ctl2', ['10.20.0.12']],
  ['cloud.example', ['10.20.0.10', '10.20.0.11']],
  ['fd00::12', ['fd00::12']],
])

const judged = (seen: Seen): readonly Judged[] => {
  const leads = leadsOf(seen)
  const all = leads.map(({ host }) => [host, names.get(host) ?? (/^[\d.]+$/.test(host) ? [host] : [])] as const)
  return judge(leads, seen, new Map(all), ways)
}

const short = (lead: Judged): string =>
  `${lead.direction}: ${lead.use} ${lead.host}${lead.port === undefined ? '' : `:${lead.port}`} ${lead.set?.option ?? `${lead.open} open`}, ${lead.by.join('+')}`

describe('where a compute leads', () => {
  const found = judged(seenOf(outputOf()))

  test('settings in force, keys of Open vSwitch and open connections, the worst first', () => {
    expect(found.map(short)).toEqual([
      'stays behind: queue 10.20.0.11:5672 [DEFAULT] transport_url, neutron-openvswitch-agent',
      'stays behind: API 10.20.0.11:9292 [glance] api_servers, nova-compute',
      'stays behind: queue 10.20.0.11:5672 [DEFAULT] transport_url, nova-compute',
      'stays behind: queue ctl2:5672 [DEFAULT] transport_url, nova-compute',
      'stays behind: cache 10.20.0.11:11211 [keystone_authtoken] memcached_servers, nova-compute',
      'stays behind: cache 10.20.0.12:11211 [cache] backend_argument, nova-compute',
      'stays behind: identity cloud.example:5000 [keystone_authtoken] auth_url, nova-compute',
      'stays behind: ovsdb 10.20.0.11:6642 ovn-remote, Open vSwitch',
      'stays behind: open 10.20.0.11:5672 2 open, nova-compute',
      'stays behind: open 10.20.0.11:3260 1 open, the kernel',
      'stays behind: open 10.20.0.11:6642 1 open, ovn-controller',
      'follows the address: queue 10.20.0.10:5672 [DEFAULT] transport_url, neutron-l3-agent',
      'follows the address: API 10.20.0.10:9292 [glance] api_servers, nova-compute',
      'follows the address: console 10.20.0.10:6080 [vnc] novncproxy_base_url, nova-compute',
      'follows the address: open 10.20.0.10:5672 1 open, neutron-openvsw',
      'leads to the target: identity 10.20.0.21:5000 [neutron] auth_url, nova-compute',
      'elsewhere: ovsdb 127.0.0.1:6640 [ovs] ovsdb_connection, neutron-openvswitch-agent',
      'elsewhere: cache fd00::12:11211 [keystone_authtoken] memcached_servers, nova-compute',
      'elsewhere: identity 10.20.0.13:5000 [placement] auth_url, nova-compute',
      'elsewhere: ovsdb fd00::12:6642 ovn-remote, Open vSwitch',
      'elsewhere: open 10.20.0.50:53 1 open, nova-compute',
    ])
  })

  test('an address that the compute has itself is not the source', () => {
    const seen = seenOf(outputOf([['file', '/etc/nova/nova.conf', '[glance]\napi_servers = 192.168.122.1:9292\n']]))
    expect(judged(seen).map(short)).toContain('elsewhere: API 192.168.122.1:9292 [glance] api_servers, nova-compute')
  })

  test('hosts of old releases count only where the URL of the queue names none', () => {
    const conf = '[DEFAULT]\nrabbit_host = 10.20.0.11\n[oslo_messaging_rabbit]\nrabbit_hosts = 10.20.0.12:5672,ctl2\n'
    const queues = (text: string) =>
      judged(seenOf(outputOf([['file', '/etc/nova/nova.conf', text]])))
        .filter(({ use, by }) => use === 'queue' && by.includes('nova-compute'))
        .map(({ host }) => host)
    expect(queues(conf)).toEqual(['10.20.0.12', 'ctl2', '10.20.0.11'])
    expect(queues(conf.replace('[oslo', 'transport_url = rabbit://u:p@10.20.0.10\n[oslo'))).toEqual(['10.20.0.10'])
  })

  test('a file that oslo.config cannot read is named, without its line', () => {
    const seen = seenOf(outputOf([['file', '/etc/neutron/neutron.conf', `[DEFAULT]\n${password}\n`]]))
    const error = (() => {
      try {
        return leadsOf(seen)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({ where: '/etc/neutron/neutron.conf, line 2' })
    expect(String(error)).not.toContain(password)
  })

  test('the text names host, option and agent, and shows no secret', () => {
    const agents = [
      { name: 'nova-compute', active: true, files: ['/etc/nova/nova.conf'] },
      { name: 'neutron-l3-agent', active: false, files: [] },
    ]
    const compute = { host: 'compute:cmp1', agents, leads: found } as const
    const text = computeText(compute)
    const [head, first] = text.split('\n')
    expect(head).toBe('cmp1: 11 of 21 stay behind; not running: neutron-l3-agent; settings not found: neutron-l3-agent')
    expect(first).toMatch(
      /^ {2}stays behind +queue +10\.20\.0\.11:5672 +\[DEFAULT\] transport_url in \/etc\/neutron\/neutron\.conf +neutron-openvswitch-agent$/,
    )
    expect(text).toMatch(/cloud\.example:5000 \(10\.20\.0\.10, 10\.20\.0\.11\)/)
    expect(text).toMatch(/stays behind +now +10\.20\.0\.11:5672 +2 open +nova-compute/)
    expect(text).not.toMatch(new RegExp(`${password}|12345`))
    // swapctl knows it now, and takes it out of all that it prints.
    expect(withoutKnown(`x ${password}`)).not.toContain(password)
    const summary = summaryText(
      [compute],
      [{ host: 'compute:cmp2', why: 'no connection' }],
      [{ name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
    )
    expect(summary).toMatch(/^1 of 2 computes do not follow the cutover with everything: cmp1, 1 gave no answer\n/)
    expect(summary).toContain('(10.20.0.10)')
  })
})

describe('which files an agent reads', () => {
  const filesOf = (name: string, more: readonly (readonly string[])[] = []) =>
    presentOn(seenOf(outputOf(more))).find(({ agent }) => agent.name === name)?.files

  test('those of its own command line, not of its helpers', () => {
    expect(filesOf('nova-compute')).toEqual(['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf'])
  })

  test('the usual ones, with drop-ins after them, where no command line is known', () => {
    const dropIn = '/etc/neutron/neutron.conf.d/10-queue.conf'
    expect(filesOf('neutron-l3-agent', [['file', dropIn, '']])).toEqual([
      '/etc/neutron/neutron.conf',
      '/etc/neutron/l3_agent.ini',
      dropIn,
    ])
  })

  test('those of the command line of a unit that does not run, with the directories that it names', () => {
    const words =
      '/usr/bin/neutron-dhcp-agent --config-file /usr/share/neutron/neutron-dist.conf --config-dir /usr/share/neutron/server --config-file /etc/neutron/neutron.conf --config-dir /etc/neutron/conf.d/common'
    const files = [
      '/usr/share/neutron/neutron-dist.conf',
      '/etc/neutron/conf.d/common/b.conf',
      '/etc/neutron/conf.d/common/a.conf',
    ]
    const more = [
      ['units', '', unit('neutron-dhcp-agent', 'inactive', words)],
      ...files.map((path) => ['file', path, '']),
      ['file', '/etc/neutron/neutron.conf.d/x.conf', ''],
    ]
    const output = outputOf(more).replace(/units\0\0[^\0]*\0(?=file)/, '')
    expect(presentOn(seenOf(output)).find(({ agent }) => agent.name === 'neutron-dhcp-agent')?.files).toEqual([
      '/usr/share/neutron/neutron-dist.conf',
      '/etc/neutron/neutron.conf',
      '/etc/neutron/conf.d/common/a.conf',
      '/etc/neutron/conf.d/common/b.conf',
    ])
  })

  test('an agent that is not installed and does not run is left out', () => {
    expect(presentOn(seenOf(outputOf())).map(({ agent }) => agent.name)).toEqual([
      'neutron-openvswitch-agent',
      'neutron-l3-agent',
      'nova-compute',
    ])
  })
})

describe('hosts in the value of an option that names a place', () => {
  test.each([
    ['10.0.0.1:11211, inet6:[fd00::1]:11211,ctl1', ['10.0.0.1:11211', 'fd00::1:11211', 'ctl1']],
    ['tcp:10.0.0.1:6642,ssl:[fd00::2]:6642', ['10.0.0.1:6642', 'fd00::2:6642']],
    ['unix:/run/ovn/ovnsb_db.sock', []],
    ['http://a:9292,https://[fd00::1]/image', ['a:9292', 'fd00::1']],
    ['http://ctl:8776/v3/%(project_id)s', ['ctl:8776']],
    ['redis://:s3cret@10.0.0.1:6379?db=1', ['10.0.0.1:6379']],
    ['mysql+pymysql://nova:p#ss@db:3306/nova?charset=utf8', ['db:3306']],
    ['"rabbit://u:p@a:5672,u:p@b:5672//"', ['a:5672', 'b:5672']],
    ['file:///var/lib/nova', []],
    ['', []],
  ])('%s', (value, wanted) => {
    expect(placesIn(value).map(({ host, port }) => (port === undefined ? host : `${host}:${port}`))).toEqual(wanted)
  })
})
