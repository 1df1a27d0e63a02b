import { expect, test } from 'vitest'
import { heldIn } from '../../src/cutover/keepers/held.ts'
import { managing, managingAgain } from '../../src/cutover/keepers/pacemaker.ts'

const address = (text: string) => ({
  name: 'api',
  address: text,
  prefix: 24,
  sourceInterface: 'eth0',
  targetInterface: 'eth0',
})
const vrrpOf = (text: string, all: readonly ReturnType<typeof address>[]) => heldIn(text, all).vrrp
const moving = [address('10.20.0.10'), address('2001:db8::10')]

const instance = (body: string) => `vrrp_instance api {\n  interface eth0\n  virtual_router_id 7\n${body}\n}\n`
const usual = instance(
  '  advert_int 2\n  virtual_ipaddress {\n    10.20.0.10/24 dev eth0 label eth0:api # the API\n  }',
)
const running = '== daemon keepalived\n812 /usr/sbin/keepalived --dont-fork\n== unit keepalived.service\n'
const told = (config: string, rest = running) => `== keepalived /etc/keepalived/keepalived.conf\n${config}${rest}`
const refused = (config: string, rest?: string) => vrrpOf(told(config, rest), moving)?.refused

const cluster = (...pairs: readonly string[]) =>
  `== pacemaker cib\n<cib><resources>${pairs.join('')}</resources></cib>\n`
const primitive = (id: string, ip: string, meta = '') =>
  `<primitive class="ocf" id="${id}" type="IPaddr2"><nvpair id="${id}-ip" name="ip" value="${ip}"/>${meta}</primitive>`
const managed = (value: string) =>
  `<meta_attributes><nvpair value="${value}" id="m" name="is-managed"/></meta_attributes>`

test('resources of a running pacemaker are found once, with their undo', () => {
  const text = cluster(
    primitive('vip', '10.20.0.10'),
    primitive('vip6', '2001:db8:0::10', managed('true')),
    primitive('other', '10.20.0.99'),
    primitive('left', '10.20.0.10', managed('false')),
  )
  expect(heldIn(text, moving)).toEqual({
    resources: [
      { id: 'vip', plain: true },
      { id: 'vip6', isManaged: 'true' },
    ],
  })
  expect(heldIn(text.replace('pacemaker cib', 'pacemaker file'), moving)).toEqual({ resources: [] })
  const programs = (id: string, more: object) => managingAgain({ id, ...more }).map(([program]) => program)
  expect(programs('vip', { plain: true })).toEqual(['crm_resource', 'cibadmin'])
  expect(programs('vip', {})).toEqual(['crm_resource'])
  expect(managingAgain({ id: 'vip6', isManaged: 'true' })).toEqual([managing('vip6', 'true')])
})

test('a keepalived that only sets moving addresses may be stopped', () => {
  expect(vrrpOf(told(usual), moving)).toEqual({ unit: 'keepalived.service', interval: 2, scripts: [] })
  const two = instance('  virtual_ipaddress\n  {\n 10.20.0.10\n }\n virtual_ipaddress_excluded { 2001:DB8:0::10/64 }')
  expect(vrrpOf(told(two), moving)).toEqual({ unit: 'keepalived.service', interval: 1, scripts: [] })
  const defined = `$VIP=10.20.0.10/24\n${instance('  virtual_ipaddress {\n    $VIP dev eth0\n  }')}`
  expect(vrrpOf(told(defined), moving)).toMatchObject({ unit: 'keepalived.service' })
})

test('its vrrp_scripts are reported, including braces', () => {
  const script = `vrrp_script chk {\n  script "curl -sf http://localhost:5000 | awk '{ print }'"\n  interval 2\n}\n`
  expect(vrrpOf(told(`${script}${usual}`), moving)?.scripts).toEqual([
    { name: 'vrrp_script chk', command: `"curl -sf http://localhost:5000 | awk '{ print }'"` },
  ])
})

test('a keepalived that does not run, or sets none of the addresses, is ignored', () => {
  expect(vrrpOf(told(usual, ''), moving)).toBeUndefined()
  expect(vrrpOf(told(instance('  virtual_ipaddress {\n 10.20.0.99\n }')), moving)).toBeUndefined()
  expect(vrrpOf('== addresses\n    inet 10.20.0.10/24 scope global eth0\n', moving)).toBeUndefined()
})

test.each([
  ['sets an address that stays', usual.replace('  }', '    10.20.0.99/24\n  }'), '10.20.0.99'],
  [
    'sets one that stays, in another instance',
    `${usual}${instance(' virtual_ipaddress {\n fd00::9/64\n }')}`,
    'fd00::9',
  ],
  [
    'sets routes',
    instance(' virtual_ipaddress {\n10.20.0.10\n}\n virtual_routes {\n 10.9.0.0/16 via 10.20.0.1\n}'),
    'routes',
  ],
  ['balances at an address that stays', `${usual}virtual_server 10.20.0.99 80 {\n  lb_algo rr\n}\n`, '10.20.0.99'],
  ['balances groups', `${usual}virtual_server_group web {\n  10.20.0.10 80\n}\n`, 'virtual_server_group web'],
  ['sets what swapctl cannot fill in', `${usual}${instance(' virtual_ipaddress {\n $UNKNOWN\n }')}`, 'does not expand'],
])('one that %s is refused', (_, config, why) => {
  expect(refused(config)).toContain(why)
})

test('one with a balancer at a moving address may be stopped; one without a unit may not', () => {
  expect(refused(`${usual}virtual_server 10.20.0.10 80 {\n  lb_algo rr\n}\n`)).toBeUndefined()
  const daemon = '== daemon keepalived\n812 keepalived -n\n'
  for (const unit of ['', '== unit \n', '== unit keepalived.service\n== unit other.service\n'])
    expect(refused(usual, `${daemon}${unit}`)).toContain('systemd unit')
  const fixed = `${running}/etc/systemd/system/keepalived.service\n`
  expect(refused(usual, fixed)).toContain('because /etc/systemd/system/keepalived.service exists: move that file')
  expect(refused(usual, `${running}== unread /etc/keepalived/more.conf\n`)).toContain('/etc/keepalived/more.conf')
})
