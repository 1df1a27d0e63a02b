import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SwapError } from '../src/errors.ts'
import { membersOf } from '../src/hosts/sides.ts'
import { defaultLimits, limitsOf } from '../src/limits.ts'
import { configOf } from '../src/settings/settings.ts'

const key = `SHA256:${'a'.repeat(43)}`
const good = `
; a comment
[swap]
name = prod
release = Epoxy
[source]
host = 10.20.0.11
host_key = ${key}
[target]
host = 10.20.0.12
port = 2222
host_key = ${key}
[address api]
address = 10.20.0.10/24
source_interface = eth0
target_interface = ens3
[counterpart storage]
source = 10.30.0.11
target = 10.30.0.12
[hop zed]
archive = zed.tar.zst
[compute cmp1]
host = 10.20.0.13
host_key = ${key}
`

const archive = 'archive = zed.tar.zst'

const failure = (text: string): SwapError => {
  try {
    configOf('/etc/swap/swapctl.ini', text)
  } catch (error) {
    if (error instanceof SwapError) return error
    throw error
  }
  throw new Error('the settings were accepted')
}

test('environments on the target: for all services, and for one', () => {
  const more = 'tree = /srv//zed/\n[hop Zed nova]\nvenv = /openstack/venvs/nova-26.1.0'
  expect(configOf('/s.ini', good.replace(archive, more)).hops).toEqual([
    { release: 'zed', tree: '/srv/zed' },
    { release: 'zed', service: 'nova', venv: '/openstack/venvs/nova-26.1.0' },
  ])
})

test.each([
  [
    'the same address twice',
    '[address web]\naddress = 10.20.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n',
    '[address web] address: 10.20.0.10 is in [address api] already',
  ],
  [
    'one counterpart twice',
    '[counterpart more]\nsource = 10.30.0.11\ntarget = 10.30.0.13\n',
    '[counterpart more] source: 10.30.0.11 is in [counterpart storage] already',
  ],
  [
    'a counterpart of an address that moves',
    '[counterpart v]\nsource = 10.20.0.10\ntarget = 10.20.0.99\n',
    '[counterpart v] source: 10.20.0.10 moves',
  ],
  [
    'one that leads to an address that moves',
    '[counterpart v]\nsource = 10.20.0.99\ntarget = 10.20.0.10\n',
    '[counterpart v] target: 10.20.0.10 moves',
  ],
  [
    'a counterpart of another family',
    '[counterpart v]\nsource = 10.30.0.21\ntarget = 2001:db8::1\n',
    '[counterpart v] target: 2001:db8::1 and 10.30.0.21 are of two families',
  ],
  [
    'a counterpart that is the same',
    '[counterpart v]\nsource = 10.30.0.21\ntarget = 10.30.0.21\n',
    '[counterpart v] target: 10.30.0.21',
  ],
  [
    'a compute twice',
    `[compute cmp2]\nhost = 10.20.0.13\nhost_key = ${key}\n`,
    '[compute cmp2] host: 10.20.0.13 port 22 is in [compute cmp1] already',
  ],
])('%s is refused, with both sections', (_, more, says) => {
  const error = failure(`${good}${more}`)
  expect(`${error.where}: ${error.message}`).toContain(says)
  expect(error.exitCode).toBe(2)
})

test('the settings become a config with defaults, relative paths resolved, and the two machines as counterparts', () => {
  const config = configOf('/etc/swap/swapctl.ini', good)
  expect(config).toMatchObject({
    name: 'prod',
    release: 'epoxy',
    state: '/etc/swap/swap-state',
    parallel: 3,
    source: { machines: [{ name: 'source', host: '10.20.0.11', user: 'root', port: 22 }], openrc: '/root/openrc' },
    target: { machines: [{ name: 'target', host: '10.20.0.12', port: 2222 }] },
    addresses: [{ name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'ens3' }],
    counterparts: [
      { source: '10.20.0.11', target: '10.20.0.12' },
      { source: '10.30.0.11', target: '10.30.0.12' },
    ],
    hops: [{ release: 'zed', archive: '/etc/swap/zed.tar.zst' }],
    computes: [{ name: 'cmp1', host: '10.20.0.13' }],
  })
})

describe('a mistake is refused with file, section and option', () => {
  const cases: readonly [string, string, string, RegExp][] = [
    ['unknown section', '[counterpart storage]', '[conterpart storage]', /\[conterpart storage\] is unknown/],
    ['unknown option', 'port = 2222', 'prot = 2222', /\[target\] prot: unknown option/],
    ['missing option', 'release = Epoxy', '', /\[swap\] release is missing/],
    [
      'missing section',
      `[address api]\naddress = 10.20.0.10/24\nsource_interface = eth0\ntarget_interface = ens3`,
      '',
      /\[address NAME\] is missing/,
    ],
    ['a section without its name', '[hop zed]', '[hop]', /\[hop\] must be written \[hop NAME\]/],
    ['no prefix', '10.20.0.10/24', '10.20.0.10', /\[address api\] address: '10.20.0.10' is not ADDRESS\/PREFIX/],
    ['a prefix too long', '10.20.0.10/24', '10.20.0.10/33', /\[address api\] address/],
    ['a network', '10.20.0.10/24', '10.20.0.0/24', /\[address api\] address: 10.20.0.0\/24 is the network address/],
    ['a broadcast', '10.20.0.10/24', '10.20.0.7/29', /\[address api\] address: 10.20.0.7\/29 is the broadcast address/],
    ['an IPv6 network', '10.20.0.10/24', 'fd00:0::/64', /fd00:0::\/64 is the network address/],
    ['IPv4 as IPv6', '10.20.0.10/24', '::ffff:10.20.0.10/120', /is an IPv4 address written as IPv6/],
    ['two prefixes', '10.20.0.10/24', '10.20.0.10/24/3', /'10.20.0.10\/24\/3' is not ADDRESS\/PREFIX/],
    ['a label', 'ens3', 'ens3:1', /'ens3:1' is not an interface name/],
    ['an option of ip', 'ens3', '-x', /'-x' is not an interface name/],
    ['a host with two dots', 'host = 10.20.0.12', 'host = new..example', /\[target\] host/],
    [
      'one release twice',
      '[hop zed]',
      '[hop 2022.2]\narchive = a.tar.zst\n[hop Zed]',
      /\[hop Zed\] NAME: zed is in \[hop 2022.2\] already/,
    ],
    [
      'one service twice',
      '[hop zed]',
      '[hop zed nova]\ntree = /srv/a\n[hop 2022.2 nova]\ntree = /srv/b\n[hop zed]',
      /\[hop 2022.2 nova\] NAME: zed nova is in \[hop zed nova\] already/,
    ],
    ['a hop of no service', '[hop zed]', '[hop zed novae]', /\[hop zed novae\] NAME: no service is called 'novae'/],
    [
      'a hop with a third word',
      '[hop zed]',
      '[hop zed nova x]',
      /NAME: it is \[hop RELEASE\] or \[hop RELEASE SERVICE\]/,
    ],
    ['a hop without a form', archive, '', /\[hop zed\] archive: is missing; or set tree or venv/],
    ['a form without a value', archive, 'tree =', /\[hop zed\] tree: has no value/],
    [
      'two forms',
      archive,
      `${archive}\nvenv = /srv/venv`,
      /\[hop zed\] venv: archive is set already: an environment has one form/,
    ],
    [
      'a command',
      archive,
      'command = lxc-attach -n utility --',
      /\[hop zed\] command: .*keep its tools from the source's database.*tree = \/var\/lib\/lxc\/NAME\/rootfs/,
    ],
    ['an image', archive, 'image = nova:26', /\[hop zed\] image: swapctl starts no container.*podman export/],
    ['a tree by a relative path', archive, 'tree = srv/zed', /\[hop zed\] tree: 'srv\/zed' is not an absolute path/],
    ['a path that systemd would expand', archive, 'venv = /srv/%h', /\[hop zed\] venv: '\/srv\/%h' is not an absolute/],
    ["a tree that is the target's root", archive, 'tree = //', /\[hop zed\] tree: the target's own root/],
    [
      "a venv in swapctl's own directory",
      archive,
      'venv = /srv/../var/lib/swapctl/hops/zed',
      /\[hop zed\] venv: \/var\/lib\/swapctl is swapctl's own, and swapctl finish removes it/,
    ],
    [
      "the target's own release",
      '[hop zed]',
      '[hop 2025.1]',
      /\[hop 2025.1\] NAME: 2025.1 is the release of the target/,
    ],
    [
      'counterparts that swap',
      '[hop zed]',
      '[counterpart back]\nsource = 10.30.0.12\ntarget = 10.30.0.11\n[hop zed]',
      /\[counterpart storage\] target: 10.30.0.12 is the source of another counterpart/,
    ],
    ['a bad interface', 'ens3', 'ens3; reboot', /must stand in double quotes/],
    ['a bad interface', 'ens3', 'a b', /\[address api\] target_interface: 'a b' is not an interface name/],
    ['a bad port', '2222', '22222222', /\[target\] port: '22222222' is not a number from 1 to 65535/],
    ['a bad key', key, 'ssh-ed25519', /\[source\] host_key/],
    ['a bad name', 'name = prod', 'name = $(id)', /\[swap\] name/],
    ['an option twice', 'port = 2222', 'port = 2222\nport = 22', /line 12: \[target\] port appears twice/],
    ['an option before all sections', '; a comment', 'color = red', /line 2: option 'color' stands before any section/],
    [
      'an address that is none',
      'target = 10.30.0.12',
      'target = storage',
      /\[counterpart storage\] target: 'storage' is not an address/,
    ],
  ]
  test.each(cases)('%s', (_, from, to, message) => {
    expect(good).toContain(from)
    const error = failure(good.replace(from, to))
    expect(error.message).toMatch(message)
    expect(error.where).toBe('/etc/swap/swapctl.ini')
    expect(error.exitCode).toBe(2)
  })
})

test('limits are in seconds, and absent ones have defaults', () => {
  const config = configOf('/etc/swap/swapctl.ini', `${good}\n[limits]\nschema = 20000\n`)
  expect(limitsOf(config)).toEqual({ ...defaultLimits, schema: 20000 })
  expect(failure(`${good}\n[limits]\nschema = 2h\n`).message).toContain('[limits] schema')
})

test('all unknown options are named together', () => {
  const error = failure(good.replace('port = 2222', 'prot = 1\nusr = x'))
  expect(error.message).toMatch(/prot[\s\S]*usr/)
})

test('computes are rewritten by the cutover only if the settings say so', () => {
  const retarget = (text: string) => configOf('/etc/swap/swapctl.ini', `${good}\n[cutover]\n${text}\n`).retarget
  expect(configOf('/etc/swap/swapctl.ini', good).retarget).toBeUndefined()
  expect([retarget('budget = 60'), retarget('retarget = no'), retarget('retarget = yes')]).toEqual([
    undefined,
    undefined,
    true,
  ])
  expect(failure(`${good}\n[cutover]\nretarget = maybe\n`).message).toContain('[cutover] retarget')
})

test('an unconfirmed cutover rolls back after a minute, after the time in the settings, or not at all', () => {
  const budget = (text: string) => configOf('/etc/swap/swapctl.ini', `${good}\n[cutover]\nbudget = ${text}\n`).budget
  expect(configOf('/etc/swap/swapctl.ini', good).budget).toBe(60)
  expect([budget('120'), budget('off')]).toEqual([120, undefined])
  for (const text of ['0', '5', '1m', '4000'])
    expect(failure(`${good}\n[cutover]\nbudget = ${text}\n`).message).toContain('[cutover] budget')
})

test('the rate of a stage is in bytes a second, or off', () => {
  const rate = (text: string) => configOf('/etc/swap/swapctl.ini', `${good}\n[stage]\nrate = ${text}\n`).stageRate
  expect(configOf('/etc/swap/swapctl.ini', good).stageRate).toBeUndefined()
  expect([rate('500k'), rate('50M'), rate('2G'), rate('off')]).toEqual([500_000, 50_000_000, 2_000_000_000, 0])
  for (const text of ['50', '50m', '99k', '101G', '-1M', '1.5M', '0'])
    expect(failure(`${good}\n[stage]\nrate = ${text}\n`).message).toContain(`[stage] rate: '${text}' is not`)
})

test('both addresses of a network of two, and a single one, may move', () => {
  for (const address of ['10.20.0.10/31', '10.20.0.11/31', '10.20.0.255/32', '10.20.0.255/16'])
    expect(() => configOf('/etc/swap/swapctl.ini', good.replace('10.20.0.10/24', address))).not.toThrow()
})

test('an IPv6 address is stored as machines print it; a link-local one does not move', () => {
  const moving = (address: string) => good.replace('10.20.0.10/24', address)
  expect(configOf('/etc/swap/swapctl.ini', moving('FD00:77:0::A:10/64')).addresses[0]?.address).toBe('fd00:77::a:10')
  expect(failure(moving('fe80::1%eth0/64')).message).toContain("'fe80::1%eth0/64' is not ADDRESS/PREFIX")
})

describe('names that other parsers of ini files get wrong', () => {
  test('a compute by its full name is a compute', () => {
    const config = configOf('/etc/swap/swapctl.ini', good.replace('[compute cmp1]', '[compute cmp1.example.com]'))
    expect(config.computes.map(({ name }) => name)).toEqual(['cmp1.example.com'])
  })

  const at = (from: string, to: string) => failure(good.replace(from, to)).message
  test.each([
    ['dots', '[address api]', '[address a.b]', /\[address a\.b\] NAME: 'a\.b' may contain/],
    ['an escaped dot', '[address api]', '[address a\\.b]', /\[address a\\\.b\] NAME: /],
    ['two dots', '[compute cmp1]', '[compute ..]', /\[compute \.\.\] NAME: /],
    ['__proto__ as an option', 'port = 2222', '__proto__ = 1', /\[target\] __proto__: unknown option/],
    ['constructor as an option', 'port = 2222', 'constructor = 1', /\[target\] constructor: unknown option/],
    ['no release', 'release = Epoxy', 'release = typo', /\[swap\] release: 'typo' is not an OpenStack release/],
    ['a hop of no release', '[hop zed]', '[hop zod]', /\[hop zod\] NAME: 'zod' is not an OpenStack release/],
    ['__proto__ as a section', '[hop zed]', '[__proto__]', /section \[__proto__\] is unknown/],
    ['constructor as a section', '[hop zed]', '[constructor x]', /section \[constructor x\] is unknown/],
    ['a list', 'port = 2222', 'port[] = 2222', /\[target\] port\[\]: unknown option/],
    ['an option without a value', 'port = 2222', 'port', /line 11: \[target\]: 'port' is not `option = value`/],
    ['a section without its end', '[hop zed]', '[hop zed', /line 20: '\[hop zed' is not a \[section\] line/],
    ['an empty section', '[hop zed]', '[]', /line 20: '\[\]' is not a \[section\] line/],
    ['a section twice', '[hop zed]', '[target]', /line 20: section \[target\] appears twice/],
    ['a port in the host', 'host = 10.20.0.12', 'host = 10.20.0.12:2222', /\[target\] host: .*option port/],
    [
      'no address and no name',
      'host = 10.20.0.12',
      'host = 10.20.0.300',
      /\[target\] host: '10.20.0.300' is not a host/,
    ],
    ['a user that is none', 'port = 2222', 'user = a b', /\[target\] user: 'a b' is not a user name/],
  ])('%s', (_, from, to, message) => {
    expect(good).toContain(from)
    expect(at(from, to)).toMatch(message)
    expect(failure(good.replace(from, to))).toMatchObject({ where: '/etc/swap/swapctl.ini', exitCode: 2 })
  })

  test('quotes, a byte order mark, CRLF and a bracketed IPv6 address are accepted', () => {
    const text = good
      .replace('host = 10.20.0.12', 'host = [fd00::12]')
      .replace('ens3', '"ens3"')
      .replaceAll('\n', '\r\n')
    const config = configOf('/etc/swap/swapctl.ini', `\ufeff${text}`)
    expect([config.target.machines[0].host, config.addresses[0]?.targetInterface]).toEqual(['fd00::12', 'ens3'])
  })
})

test.each([
  'fe80::10/64',
  '127.0.0.10/8',
  '::1/128',
  '224.0.0.10/24',
  'ff02::10/64',
  '0.0.0.0/8',
  '::/64',
  '255.255.255.255/32',
  '169.254.3.4/16',
])('an address that cannot be announced cannot move: %s', (address) => {
  const error = failure(good.replace('10.20.0.10/24', address))
  expect(error.message).toMatch(/^\[address api\] address: \S+ cannot move: it /)
  expect(error.exitCode).toBe(2)
})

test.each(['source_interface = eth0', 'target_interface = ens3'])('nothing moves from or to lo: %s', (line) => {
  const [key] = line.split(' ')
  expect(failure(good.replace(line, `${key} = lo`)).message).toContain(
    `[address api] ${key}: other machines cannot reach`,
  )
})

describe('a side of several machines', () => {
  const machine = (title: string, host: string, more = '') => `[${title}]\nhost = ${host}\nhost_key = ${key}\n${more}`
  const rest = good.slice(good.indexOf('[address api]'))
  const sides = (...sections: readonly string[]) => `[swap]\nname = prod\nrelease = epoxy\n${sections.join('')}${rest}`
  const three = ['ctl1', 'ctl2', 'ctl3'].map((name, index) => machine(`source ${name}`, `10.20.0.1${index + 1}`))
  const one = machine('target', '10.20.0.21')

  test('has one section per machine, in order, with its name', () => {
    const config = configOf('/etc/swap/swapctl.ini', sides(...three, machine('target new1', '10.20.0.21')))
    expect(membersOf(config, 'source')).toEqual(['source:ctl1', 'source:ctl2', 'source:ctl3'])
    expect(membersOf(config, 'target')).toEqual(['target:new1'])
    expect(config.source.machines.map(({ name, host }) => `${name} ${host}`)[2]).toBe('ctl3 10.20.0.13')
    expect(membersOf(configOf('/etc/swap/swapctl.ini', good), 'source')).toEqual(['source'])
  })

  test('has one openrc, in any of the sections', () => {
    const named = machine('source ctl4', '10.20.0.14', 'openrc = /root/admin\n')
    expect(configOf('/x.ini', sides(...three, named, one)).source.openrc).toBe('/root/admin')
    const other = machine('source ctl5', '10.20.0.15', 'openrc = /root/other\n')
    expect(failure(sides(...three, named, other, one)).message).toMatch(
      /^\[source ctl5\] openrc: \[source ctl4\] names/,
    )
  })

  test('each machine is replaced by the one at the same position, or by the first', () => {
    const pairs = (...sections: readonly string[]) =>
      configOf('/x.ini', sides(...sections))
        .counterparts.slice(0, -1)
        .map(({ source, target }) => `${source} ${target}`)
    const two = [machine('target new1', '10.20.0.21'), machine('target new2', '10.20.0.22')]
    expect(pairs(...three, ...two)).toEqual(['10.20.0.11 10.20.0.21', '10.20.0.12 10.20.0.22', '10.20.0.13 10.20.0.21'])
  })

  const cases: readonly [string, readonly string[], RegExp][] = [
    [
      'a section without a name beside others',
      [machine('source', '10.20.0.11'), machine('source ctl2', '10.20.0.12'), one],
      /section \[source\] has no name but there is also \[source ctl2\]/,
    ],
    [
      'a machine named on both sides',
      [machine('source ctl1', '10.20.0.11'), machine('target ctl1', '10.20.0.12')],
      /section \[target ctl1\]: \[source ctl1\] already has this name/,
    ],
    [
      'the same host on both sides',
      [machine('source ctl1', 'ctl.example'), machine('target new1', 'CTL.example')],
      /^\[target new1\] host: CTL\.example is already the machine of \[source ctl1\]/,
    ],
    [
      'the same host twice on one side',
      [machine('source ctl1', 'fd00::1'), machine('source ctl2', 'fd00:0::1'), one],
      /^\[source ctl2\] host: fd00:0::1 is already the machine of \[source ctl1\]/,
    ],
    ['a name of something else', [machine('source target', '10.20.0.11'), one], /section \[source target\]: this name/],
    ['a name with a colon', [machine('source a:b', '10.20.0.11'), one], /^\[source a:b\] NAME: 'a:b' may contain/],
  ]
  test.each(cases)('%s is refused', (_, sections, message) => {
    const error = failure(sides(...sections))
    expect(error.message).toMatch(message)
    expect(error).toMatchObject({ where: '/etc/swap/swapctl.ini', exitCode: 2 })
  })
})

describe('a user who becomes root', () => {
  const with_ = (section: string, ...lines: readonly string[]) =>
    good.replace(`[${section}]\n`, `[${section}]\n${lines.map((line) => `${line}\n`).join('')}`)

  test.each(['source', 'target', 'compute cmp1'])('is set in [%s]', (section) => {
    const { source, target, computes } = configOf('/s.ini', with_(section, 'user = adm', 'become = sudo'))
    const all = [source.machines[0], target.machines[0], ...computes]
    expect(all.map(({ become }) => become)).toEqual(
      ['source', 'target', 'compute cmp1'].map((one) => (one === section ? {} : undefined)),
    )
  })

  test.each([
    ['another way', ['user = adm', 'become = doas'], /^\[source\] become: 'doas' is not sudo/],
    ['root itself', ['become = sudo'], /^\[source\] become: the user is root already/],
    ['a password for nothing', ['become_password_file = /x'], /^\[source\] become_password_file: nothing asks/],
    [
      'a file that is not there',
      ['user = adm', 'become = sudo', 'become_password_file = /no/such'],
      /^\[source\] become_password_file: the password cannot be read: .*\/no\/such/,
    ],
  ])('%s is refused', (_, lines, message) => {
    const error = failure(with_('source', ...lines))
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) })
  })

  test('has a password in a file that nobody else may read, by its path from the settings', () => {
    const directory = mkdtempSync(join(tmpdir(), 'settings-'))
    const path = join(directory, 'password')
    writeFileSync(path, 'x\n', { mode: 0o600 })
    const text = with_('target', 'user = adm', 'become = sudo', 'become_password_file = password')
    const file = join(directory, 'swapctl.ini')
    expect(configOf(file, text).target.machines[0].become).toEqual({ passwordFile: path })
    for (const mode of [0o640, 0o604, 0o700, 0o400]) {
      chmodSync(path, mode)
      expect(() => configOf(file, text)).toThrow(
        new RegExp(`^\\[target\\] become_password_file: ${path} has mode 0${mode.toString(8)} and must have 0600`),
      )
    }
    rmSync(directory, { recursive: true })
  })
})

test('the passphrase of a key is in a file that nobody else may read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'))
  const path = join(directory, 'passphrase')
  writeFileSync(path, 'x\n', { mode: 0o600 })
  const text = good.replace('[compute cmp1]\n', '[compute cmp1]\nkey_passphrase_file = passphrase\n')
  const file = join(directory, 'swapctl.ini')
  const { source, computes } = configOf(file, text)
  expect([source.machines[0].passphraseFile, computes[0]?.passphraseFile]).toEqual([undefined, path])
  chmodSync(path, 0o640)
  const says = `[compute cmp1] key_passphrase_file: ${path} has mode 0640 and must have 0600`
  expect(() => configOf(file, text)).toThrow(says)
  rmSync(directory, { recursive: true })
  expect(() => configOf(file, text)).toThrow(/key_passphrase_file: the passphrase cannot be read: /)
})

describe('a jump host', () => {
  const other = `SHA256:${'j'.repeat(43)}`
  const hop = (name: string, ...lines: readonly string[]) =>
    `[jump ${name}]\nhost = ${name}.example.com\nhost_key = ${other}\n${lines.join('\n')}\n`
  const through = (names: string, ...hops: readonly string[]) =>
    `${good.replace('[target]\n', `[target]\njump = ${names}\n`)}\n${hops.join('')}`

  test('has its own section, with its own login; several are passed in order', () => {
    const { source, target } = configOf(
      '/s.ini',
      through('edge, inner', hop('inner', 'port = 2222'), hop('edge', 'user = adm', 'key = /k')),
    )
    expect(source.machines[0].jump).toBeUndefined()
    expect(target.machines[0].jump).toMatchObject([
      { name: 'edge', user: 'adm', key: '/k', host: 'edge.example.com', port: 22, hostKey: other },
      { name: 'inner', user: 'root', port: 2222 },
    ])
  })

  test.each([
    [
      'without a section',
      through('root@edge:22', hop('edge')),
      /^\[target\] jump: there is no \[jump root@edge:22\]: write a section/,
    ],
    ['named twice', through('edge, edge', hop('edge')), /^\[target\] jump: edge is named twice/],
    ['without a host key', through('edge', '[jump edge]\nhost = h\n'), /^\[jump edge\] host_key is missing/],
    ['that becomes root', through('edge', hop('edge', 'become = sudo')), /^\[jump edge\] become: unknown option/],
    ['with a jump of its own', through('edge', hop('edge', 'jump = x')), /^\[jump edge\] jump: unknown option/],
    [
      'twice',
      through('a', hop('a'), hop('b').replace('b.example', 'A.example')),
      /^\[jump b\] host: .* already the jump host of \[jump a\]/,
    ],
  ])('%s is refused', (_, text, message) => {
    expect(failure(text)).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) })
  })

  test('that is a machine of the swap, or is reached by an address that moves, is refused', () => {
    const { source, target, computes, addresses } = configOf('/s.ini', good)
    for (const { host, hostKey, name } of [source.machines[0], target.machines[0], ...computes]) {
      const says = new RegExp(`^\\[jump x\\] host(_key)?: this is the machine ${name} of the swap`)
      expect(failure(through('x', hop('x').replace('x.example.com', host))).message).toMatch(says)
      expect(failure(through('x', hop('x').replace(other, hostKey))).message).toMatch(
        /^\[jump x\] host_key: this is the machine/,
      )
    }
    const moving = through('x', hop('x').replace('x.example.com', addresses[0]?.address ?? ''))
    expect(failure(moving).message).toMatch(/^\[jump x\] host: .* moves to the target/)
  })
})
