import { describe, expect, test } from 'vitest'
import { baseUrl, endpointsOf } from '../../src/cutover/handover/endpoints.ts'
import { moveId, movesOf } from '../../src/cutover/handover/moves.ts'
import { followStreaks, notGreenText } from '../../src/cutover/outage/green.ts'
import type { Known } from '../../src/cutover/outage/outage.ts'
import { outageText } from '../../src/cutover/outage/outage-text.ts'
import { baseName, named, portTargets, targetOf, tokenTargetOf } from '../../src/cutover/outage/probe-target.ts'
import type { Sample } from '../../src/cutover/outage/probe-try.ts'
import type { Line } from '../../src/cutover/outage/samples.ts'
import { summarise } from '../../src/cutover/outage/summary.ts'
import type { Entry } from '../../src/engine/journal.ts'

const noon = Date.parse('2026-11-21T12:00:00Z')
const at = (ms: number): string => new Date(noon + ms).toISOString()

type Sign = '.' | 'x' | '_' | 'S' | 'H' | '5' | '-'
const signs: Readonly<Record<Sign, Omit<Sample, 'name' | 'at'>>> = {
  '.': { wire: 'open', wireMs: 1, answer: 'good', ms: 2, says: '200' },
  x: { wire: 'refused', wireMs: 2, answer: 'bad', ms: 2, says: 'ECONNREFUSED' },
  _: { wire: 'lost', wireMs: 2000, answer: 'bad', ms: 2000, says: 'no connection in 2 s' },
  S: { wire: 'open', wireMs: 1030, answer: 'good', ms: 1032, says: '200' },
  H: { wire: 'open', wireMs: 90, held: 85, answer: 'good', ms: 92, says: '200' },
  '5': { wire: 'open', wireMs: 1, answer: 'bad', ms: 2, says: '503' },
  '-': { wire: 'open', wireMs: 1, answer: 'unasked', ms: 1, says: 'connected' },
}

/** One try every 100 ms. */
const samples = (name: string, picture: string): readonly Sample[] =>
  [...picture].map((sign, index) => ({ name, at: noon + index * 100, ...signs[sign as Sign] }))

const lines = (all: readonly Sample[]): readonly Line[] => all.map((sample) => ({ kind: 'sample', ...sample }))

const nothing: Known = { refused: {}, moves: [] }
const move = { from: noon, begun: noon + 100, to: noon + 60_000 }

const summary = (all: readonly Sample[], known: Partial<Known> = {}) => summarise(lines(all), { ...nothing, ...known })

describe('what the probe saw', () => {
  test.each([
    ['....', { failed: 0, worstGap: 0, total: 0 }],
    [
      '.x..',
      { failed: 1, worstGap: 0.2, total: 0.2, firstFailure: at(100), lastFailure: at(100), answersSince: at(202) },
    ],
    [
      '..xx.x.',
      { failed: 3, worstGap: 0.3, total: 0.5, firstFailure: at(200), lastFailure: at(500), answersSince: at(602) },
    ],
    ['.xxx', { failed: 3, worstGap: 0.3, total: 0.3, lastFailure: at(300) }],
    ['xx..', { failed: 2, worstGap: 0.202, total: 0.202, firstFailure: at(0), answersSince: at(202) }],
    ['.5-.', { failed: 1, tries: 3, worstGap: 0.3, total: 0.3, answersSince: at(302) }],
    ['..S.', { failed: 0, worstGap: 1.03, total: 1.03, slowestConnect: 1030 }],
  ])('%s', async (picture, wanted) => {
    const [api] = (await summary(samples('compute', picture))).apis
    expect(api).toMatchObject({ name: 'compute', tries: picture.length, ...wanted })
    if (!('answersSince' in wanted)) expect(api).not.toHaveProperty('answersSince')
    expect(api).not.toHaveProperty('move')
  })

  test('an API is frozen from its first refused call, or from the journal, to its first good answer', async () => {
    const outage = await summary(
      [
        ...samples('compute', 'xx.'),
        ...samples('compute with a token', 'x5.'),
        ...samples('image', 'x..'),
        ...samples('AMQP', '...'),
      ],
      { frozenSince: at(-60_000), refused: { compute: at(-50_000) } },
    )
    expect(outage.apis).toMatchObject([
      { name: 'compute', freeze: { by: 'probe', from: at(-50_000), to: at(202), seconds: 50.202 }, total: 50.202 },
      { name: 'compute with a token', freeze: { by: 'probe', seconds: 50.202 } },
      { name: 'image', freeze: { by: 'journal', from: at(-60_000), seconds: 60.102 } },
      { name: 'AMQP', failed: 0, total: 0 },
    ])
    expect(outage.apis[3]).not.toHaveProperty('freeze')
    expect((await summary(samples('compute', 'xxx'), { refused: { compute: at(-1000) } })).apis).toMatchObject([
      { freeze: { from: at(-1000), by: 'probe' }, worstGap: 1.202 },
    ])
  })

  test.each([
    ['what the old side refuses is its answer', 'xxxx....', { tries: 8, lost: 0, gap: 0, slow: 0, slowestConnect: 2 }],
    ['a connect into a gap comes late', 'xxS.....', { tries: 8, lost: 0, gap: 1.03, slow: 1, slowestConnect: 1030 }],
    [
      'what held up the probe itself is not held against anybody',
      'xx.H..H',
      { slow: 0, held: 2, gap: 0, slowestConnect: 5 },
    ],
    ['nobody holds the address', 'xx__....', { tries: 8, lost: 2, gap: 2.1, slow: 0 }],
    ['the new side does not serve yet', 'xx..xx..', { tries: 8, lost: 2, gap: 0.201 }],
    ['an answer is a failure only after a good one', '55..5...', { tries: 8, lost: 1, gap: 0.101 }],
  ])('around the move: %s', async (_, picture, wanted) => {
    const outage = await summary(samples('compute', picture), { moves: [move] })
    expect(outage.apis[0]?.move).toMatchObject(wanted)
    expect(outage.move).toMatchObject(wanted)
    expect(outage.move?.worst).toBe(wanted.gap > 0 ? 'compute' : undefined)
  })

  test('events long before or after the move do not belong to it', async () => {
    const outage = await summary(samples('AMQP', '.__......._..'), {
      moves: [{ from: noon + 300, begun: noon + 400, to: noon + 600 }],
    })
    expect(outage.apis[0]).toMatchObject({ failed: 3, move: { tries: 4, lost: 0 } })
  })

  test('samples arrive in order of their end, a killed run leaves a gap, and two runs are one report', async () => {
    const first = samples('compute', 'xxxxx.')
    const later = samples('compute', '....').map((it) => ({ ...it, at: it.at + 30_000 }))
    const outage = await summarise(
      [
        { kind: 'begin', at: noon },
        ...lines([...first].reverse()),
        { kind: 'begin', at: noon + 29_900 },
        ...lines(later),
        { kind: 'end', at: noon + 31_000, late: 12, leftOut: { compute: 3 } },
      ],
      { ...nothing, frozenSince: at(-1000), moves: [move] },
    )
    expect(outage.unwatched).toEqual([{ from: at(500), to: at(29_900) }])
    expect(outage).toMatchObject({ version: 1, from: at(0), to: at(30_302), late: 12, leftOut: { compute: 3 } })
    expect(outage.apis).toMatchObject([{ tries: 10, failed: 5, freeze: { seconds: 1.502 }, total: 1.502 }])
  })

  test('is a table with lost calls, "never", "not yet" and seconds', async () => {
    const text = outageText(
      await summary([...samples('AMQP :5672', '....'), ...samples('compute :8774', 'x_xx')], {
        frozenSince: at(-1000),
        moves: [move],
      }),
    )
    expect(text.split('\n')).toEqual([
      'Around the move (12:00:00.000 to 12:01:00.000) 1 of 8 probes were lost, the longest gap was 2.00 s (compute :8774); slowest connect 2.0 ms, 0 took over 50 ms (goal: none lost, none over 50 ms)',
      'Measured from this machine, 12:00:00.000 to 12:00:02.100 UTC; frozen since 11:59:59.000',
      'API            frozen    from            until  gap at the move  worst gap  total   failed  slowest connect',
      'AMQP :5672     never                            none             none       none    0 of 4  1.0 ms',
      'compute :8774  not back  11:59:59.000 *         2.00 s           3.10 s     3.10 s  4 of 4  2.0 ms',
      '* taken from the journal: no refused call was seen',
    ])
    expect(outageText(await summary([]))).toBe('No API was probed')
    expect(outageText(await summary(samples('AMQP', '..')))).toMatch(/^The addresses were not moved\n/)
  })
})

describe('the moves in the journal', () => {
  const entry = (seconds: number, event: string, step = moveId) =>
    ({ at: at(seconds * 1000), event, step }) as unknown as Entry

  test.each([
    ['one', [entry(10, 'begun'), entry(12, 'done')], [[9, 17]]],
    ['not ended', [entry(10, 'begun')], [[9, 20]]],
    ['undone at once', [entry(10, 'begun'), entry(12, 'done'), entry(13, 'undoing'), entry(14, 'undone')], [[9, 13]]],
    [
      'killed, and begun again',
      [entry(10, 'begun'), entry(15, 'begun'), entry(16, 'failed')],
      [
        [9, 15],
        [14, 21],
      ],
    ],
    ['an earlier cutover', [entry(-5, 'begun'), entry(-4, 'done'), entry(10, 'begun', 'cutover/announce')], []],
  ])('%s', (_, entries, wanted) => {
    const found = movesOf(entries, noon)
    expect(found.map(({ from, to }) => [(from - noon) / 1000, (to - noon) / 1000])).toEqual(wanted)
  })
})

describe('the catalog', () => {
  test.each([
    ['http://10.20.0.10:8776/v3/%(tenant_id)s', 'http://10.20.0.10:8776/v3/'],
    ['http://10.20.0.10:8004/v1/$(project_id)s', 'http://10.20.0.10:8004/v1/'],
    ['http://10.20.0.10:8080/v1/AUTH_%(tenant_id)s', 'http://10.20.0.10:8080/v1/'],
    ['http://10.20.0.10:5000/v3', 'http://10.20.0.10:5000/v3'],
  ])('%s can be asked at %s', (url, base) => {
    expect(baseUrl(url)).toBe(base)
  })

  test('lists what is at the moving addresses, by number or by name, without duplicates', () => {
    const rows = [
      { type: 'compute', url: 'http://controller:8774/v2.1' },
      { type: 'compute', url: 'http://controller:8774/v2.1' },
      { type: 'image', url: 'https://10.20.0.10' },
      { type: 'object-store', url: 'http://10.20.0.50:8080/v1/AUTH_%(tenant_id)s' },
      { type: 'dns', url: 'http://elsewhere:9001' },
      { type: 'broken', url: 'not a url' },
      { type: 'placement', url: 'http://[fd00::10]:8778' },
    ]
    const found = endpointsOf(rows, ['10.20.0.10', 'fd00::10'], new Map([['controller', '10.20.0.10']]))
    expect(found.map(({ name, address }) => [name, address])).toEqual([
      ['compute', '10.20.0.10'],
      ['image', '10.20.0.10'],
      ['placement', 'fd00::10'],
    ])
    expect(found.map(targetOf)).toEqual([
      {
        name: 'compute :8774',
        address: '10.20.0.10',
        port: 8774,
        http: { path: '/v2.1', hostHeader: 'controller:8774', tls: false },
      },
      {
        name: 'image :443',
        address: '10.20.0.10',
        port: 443,
        http: { path: '/', hostHeader: '10.20.0.10', tls: true },
      },
      {
        name: 'placement :8778',
        address: 'fd00::10',
        port: 8778,
        http: { path: '/', hostHeader: '[fd00::10]:8778', tls: false },
      },
    ])
  })

  test('ports are probed where they answered on the source, by address and kind', () => {
    const moving = ['10.20.0.10', 'fd00:20::10']
    const at = (address: string, port: number) => ({ address, port })
    const source = [at('0.0.0.0', 3306), at('::', 3306), at('0.0.0.0', 11211), at('*', 5672), at('0.0.0.0', 22)]
    const found = portTargets(moving, source, [at('0.0.0.0', 3306), at('*', 11211), at('*', 5671)])
    expect(found.map(({ name, address, mysql }) => [name, address, mysql])).toEqual([
      ['MariaDB :3306', '10.20.0.10', true],
      ['AMQP :5671', '10.20.0.10', undefined],
      ['AMQP :5672', '10.20.0.10', undefined],
      ['memcached :11211', '10.20.0.10', undefined],
      ['MariaDB :3306', 'fd00:20::10', true],
      ['AMQP :5671', 'fd00:20::10', undefined],
      ['AMQP :5672', 'fd00:20::10', undefined],
    ])
    expect(named(found).map(({ name }) => name)).toContain('MariaDB :3306 at fd00:20::10')
    expect(new Set(named(found).map(({ name }) => name)).size).toBe(found.length)
    expect(named(found.filter(({ address }) => address === '10.20.0.10'))[0]?.name).toBe('MariaDB :3306')
  })

  test('a name with an address keeps the suffix for the token, and its base name', () => {
    const api = {
      name: 'compute :8774',
      address: '10.20.0.10',
      port: 8774,
      http: { path: '/', hostHeader: 'c', tls: false },
    }
    const call = { ...api, name: 'compute :8774 with a token', http: { ...api.http, token: 't' } }
    const names = named([api, call, { ...api, address: 'fd00::10' }]).map(({ name }) => name)
    expect(names).toEqual([
      'compute :8774 at 10.20.0.10',
      'compute :8774 at 10.20.0.10 with a token',
      'compute :8774 at fd00::10',
    ])
    expect(baseName(names[1] as string)).toBe(names[0])
  })

  test('each address has its own streak, and the message says which is not green', () => {
    const two = named([
      { name: 'MariaDB :3306', address: '10.20.0.10', port: 3306 },
      { name: 'MariaDB :3306', address: 'fd00::10', port: 3306 },
    ])
    const streaks = followStreaks(two, { times: 2, within: 100, since: 0 })
    const sample = (name: string | undefined, answer: 'good' | 'bad') =>
      streaks.take({
        name: name ?? '',
        at: 1,
        wire: 'open',
        wireMs: 1,
        answer,
        ms: 1,
        says: answer === 'good' ? 'connected' : 'ECONNREFUSED',
      })
    for (const answer of ['good', 'good'] as const) sample(two[0]?.name, answer)
    for (const answer of ['good', 'bad'] as const) sample(two[1]?.name, answer)
    expect(streaks.missing().map(notGreenText)).toEqual(['MariaDB :3306 at fd00::10: ECONNREFUSED'])
  })

  test('is called with a token where a recipe has a list, at the URL of its project', () => {
    const recipes = [
      { light: { type: 'volumev3', path: '/types?limit=1' } },
      { light: { type: 'identity', path: '/v3/auth/projects' } },
    ]
    const call = (name: string, template: string, project?: string) => {
      const found = tokenTargetOf({ name, template, url: template, address: '10.20.0.10' }, recipes, {
        token: 't',
        ...(project === undefined ? {} : { project }),
      })
      return found === undefined ? undefined : [found.name, found.port, found.http?.path, found.http?.token]
    }
    expect(call('volumev3', 'http://c:8776/v3/%(project_id)s', 'p1')).toEqual([
      'volumev3 :8776 with a token',
      8776,
      '/v3/p1/types?limit=1',
      't',
    ])
    expect(call('volumev3', 'http://c:8776/v3/$(tenant_id)s', 'p1')?.[2]).toBe('/v3/p1/types?limit=1')
    expect(call('identity', 'https://c/v3/')).toEqual(['identity :443 with a token', 443, '/v3/auth/projects', 't'])
    expect(call('volumev3', 'http://c:8776/v3/%(project_id)s')).toBeUndefined()
    expect(call('cloudformation', 'http://c:8000/v1')).toBeUndefined()
  })
})
