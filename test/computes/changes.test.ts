import { describe, expect, test } from 'vitest'
import type { Present } from '../../src/computes/agents.ts'
import { knownAgents } from '../../src/computes/agents.ts'
import { behindOf, type Edits, editsOf, type Meaning } from '../../src/computes/changes.ts'
import { withSpans } from '../../src/computes/hosts-written.ts'
import { parsedOf } from '../../src/computes/leads.ts'
import { newAddressOf } from '../../src/computes/new-address.ts'
import { seenOf } from '../../src/computes/seen.ts'
import { memberAt } from '../../src/computes/where.ts'
import { workText } from '../../src/computes/work-text.ts'
import { forTerminal } from '../../src/text/printable.ts'
import { settingsOf } from '../live/controllers.ts'

const password = 'Pw9-of-the-queue-é'

const conf = `# kept: transport_url = rabbit://10.20.0.11
[DEFAULT]
# a comment with é
transport_url = rabbit://openstack:${password}@10.20.0.99:5672//
transport_url = rabbit://openstack:${password}@10.20.0.11:5672,openstack:${password}@10.20.0.12:5672//\r
my_host = 10.20.0.11

[keystone_authtoken]
memcached_servers: 10.20.0.11:11211
auth_url = http://cloud.example:5000
[glance]
api_servers = http://$my_host:9292
[cache]
backend_argument = url:10.20.0.11:11211
backend_argument = memcached_expire_time:60
[coordination]
backend_url = redis://10.20.0.11:6379
  ?db=1
[neutron]
url = http://10.20.0.14:9696
`

const meaning: Meaning = {
  ways: {
    moving: new Set(['10.20.0.10']),
    staying: new Set(['10.20.0.11', '10.20.0.12', '10.20.0.14']),
    target: new Set(['10.20.0.21']),
  },
  own: new Set(['10.20.0.50']),
  names: new Map([['cloud.example', ['10.20.0.11']]]),
  to: (address) => (address === '10.20.0.14' ? undefined : '10.20.0.21'),
}

const nova = knownAgents.find(({ name }) => name === 'nova-compute')
const path = '/etc/nova/nova.conf'
const present: readonly Present[] = [
  { agent: nova as Present['agent'], unit: 'nova-compute', active: true, files: [path] },
]

const edited = (text: string, files = new Map([[path, text]])): Edits => {
  const seen = { ...seenOf(''), files: new Map([[path, text]]) }
  return editsOf(behindOf(present, parsedOf(seen, present), meaning), files, meaning)
}

/** As the compute does it: by bytes. */
const applied = (text: string, { edits }: Edits): string => {
  const bytes = Buffer.from(text)
  return Buffer.from(withSpans(bytes.toString('latin1'), edits[0]?.spans ?? []), 'latin1').toString()
}

describe('what is rewritten in a file', () => {
  const found = edited(conf)

  test('only the value in force of each option, in place', () => {
    const after = conf
      .replace(`@10.20.0.11:5672,openstack:${password}@10.20.0.12:5672`, '@10.20.0.21:5672')
      .replace('memcached_servers: 10.20.0.11', 'memcached_servers: 10.20.0.21')
      .replace('url:10.20.0.11:11211', 'url:10.20.0.21:11211')
    expect(applied(conf, found)).toBe(after)
    expect(found.changes.map(({ option, to }) => [option, to])).toEqual([
      ['[DEFAULT] transport_url', [{ host: '10.20.0.21', port: 5672 }]],
      ['[keystone_authtoken] memcached_servers', [{ host: '10.20.0.21', port: 11211 }]],
      ['[cache] backend_argument', [{ host: '10.20.0.21', port: 11211 }]],
    ])
    expect(edited(after).edits).toEqual([])
  })

  test('what is not sure is named, and left', () => {
    expect(found.unsafe.map(({ option, why }) => [option, why])).toEqual([
      ['[glance] api_servers', 'other options are filled in where it names its host'],
      ['[neutron] url', 'the target has no address in the place of 10.20.0.14'],
      ['[coordination] backend_url', 'its value is spread over several lines'],
      [
        '[keystone_authtoken] auth_url',
        "cloud.example is a name for 10.20.0.11: let it resolve to the target's address there, or write the address",
      ],
    ])
  })

  test('a file that changed after the first look is not edited', () => {
    const { edits, unsafe } = edited(conf, new Map([[path, '[DEFAULT]\n']]))
    expect(edits).toEqual([])
    expect(unsafe.map(({ why }) => why)).toContain('it was changed while swapctl read it')
  })

  test('spans hold addresses only, and the text shows no secret', () => {
    expect(found.edits.flatMap(({ spans }) => spans.map(({ text }) => text))).toEqual([
      '10.20.0.21',
      '',
      '10.20.0.21',
      '10.20.0.21',
    ])
    const work = { host: 'compute:cmp1', restart: [], restarted: [], cutting: [], byHand: [], ...found } as const
    const text = forTerminal(workText(work))
    expect(text).toContain(
      '  [DEFAULT] transport_url in /etc/nova/nova.conf, read by nova-compute: 10.20.0.11, 10.20.0.12 becomes 10.20.0.21\n',
    )
    expect(text).toMatch(/^- transport_url = rabbit:\/\/openstack:\S+@10\.20\.0\.12:5672\/\/$/m)
    expect(text).toMatch(/^\+ transport_url = rabbit:\/\/openstack:\S+@10\.20\.0\.21:5672\/\/$/m)
    expect(text).not.toContain(password)
  })
})

describe('the address in the place of an old one', () => {
  const { config, survey } = settingsOf('/x', [], { source: '10.77.0.11', target: '10.77.0.12' })
  const withMore = {
    ...survey,
    source: {
      ...survey.source,
      addresses: [
        ...survey.source.addresses,
        { interface: 'eth1', address: '10.78.0.11', prefix: 24 },
        { interface: 'eth2', address: '10.79.0.11', prefix: 24 },
      ],
    },
    target: {
      ...survey.target,
      addresses: [...survey.target.addresses, { interface: 'eth1', address: '10.78.0.12', prefix: 24 }],
    },
  }

  test('its counterpart, else the one in the same network, else none', () => {
    const pairs = [{ source: '10.79.0.11', target: '10.79.0.12' }]
    const to = newAddressOf({ ...config, counterparts: pairs }, withMore)
    expect(['10.77.0.11', '10.78.0.11', '10.79.0.11', '10.80.0.11'].map(to)).toEqual([
      '10.77.0.12',
      '10.78.0.12',
      '10.79.0.12',
      undefined,
    ])
    expect(newAddressOf(config, withMore)('10.79.0.11')).toBeUndefined()
  })

  test('a controller that is named as a compute is told by its own addresses', () => {
    const at = (...addresses: readonly string[]) => memberAt(config, withMore, new Set(addresses))
    const own = withMore.source.addresses.map(({ address }) => address)
    expect(at('127.0.0.1', '10.9.9.9', ...own)).toBe('source')
    // A bridge that every machine has is not enough, and an address that moves does not count.
    expect(at('127.0.0.1', '10.79.0.11')).toBeUndefined()
    const moving = config.addresses.map(({ address }) => address)
    expect(at(...own.filter((one) => !moving.includes(one)))).toBe('source')
    expect(memberAt(config, { ...survey, source: { ...survey.source, addresses: [] } }, new Set(own))).toBeUndefined()
  })

  test('two addresses in that network: none is guessed', () => {
    const twice = {
      ...withMore.target,
      addresses: [...withMore.target.addresses, { interface: 'eth1', address: '10.78.0.13', prefix: 24 }],
    }
    expect(newAddressOf(config, { ...withMore, target: twice })('10.78.0.11')).toBeUndefined()
  })
})
