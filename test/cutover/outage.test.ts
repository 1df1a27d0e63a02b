import { describe, expect, test } from 'vitest'
import { baseUrl, endpointsOf } from '../../src/cutover/endpoints.ts'
import { outageText, summarise } from '../../src/cutover/outage.ts'
import { targetOf } from '../../src/cutover/probe-target.ts'
import type { Sample } from '../../src/cutover/probe-try.ts'

const noon = Date.parse('2026-11-21T12:00:00Z')

/** One try every 100 ms: '.' answers in 2 ms, 'x' is refused at once. */
const samples = (name: string, picture: string): readonly Sample[] =>
  [...picture].map((sign, index) => ({
    name,
    at: noon + index * 100,
    wire: sign === '.' ? 'open' : 'refused',
    wireMs: 1,
    ms: 2,
    answer: sign === '.' ? 'good' : 'bad',
    says: sign === '.' ? '200' : 'ECONNREFUSED',
  }))

const at = (ms: number): string => new Date(noon + ms).toISOString()

describe('what the probe saw', () => {
  test.each([
    ['....', { failed: 0, worstGap: 0, total: 0 }],
    [
      '.x..',
      { failed: 1, worstGap: 0.202, total: 0.202, firstFailure: at(100), lastFailure: at(100), answersSince: at(202) },
    ],
    [
      '..xx.x.',
      { failed: 3, worstGap: 0.302, total: 0.504, firstFailure: at(200), lastFailure: at(500), answersSince: at(602) },
    ],
    ['.xxx', { failed: 3, worstGap: 0.302, total: 0.302, lastFailure: at(300) }],
    ['xx..', { failed: 2, worstGap: 0.202, total: 0.202, firstFailure: at(0), answersSince: at(202) }],
  ])('%s', (picture, wanted) => {
    const [api] = summarise(samples('compute', picture)).apis
    expect(api).toMatchObject({ name: 'compute', tries: picture.length, ...wanted })
    if (!('answersSince' in wanted)) expect(api).not.toHaveProperty('answersSince')
  })

  test('counts an API that was down at the start as down since the freeze', () => {
    const outage = summarise([...samples('compute', 'xx.'), ...samples('AMQP', '...')], at(-60_000))
    expect(outage.apis).toMatchObject([
      { name: 'compute', firstFailure: at(-60_000), total: 60.202 },
      { name: 'AMQP', failed: 0, total: 0 },
    ])
  })

  test('is a table that says "never", "not yet" and the seconds', () => {
    const text = outageText(summarise([...samples('AMQP :5672', '...'), ...samples('compute :8774', '.xx')], at(-1000)))
    expect(text).toBe(
      [
        'Seen by the probe from 12:00:00.000 to 12:00:00.202 UTC; frozen since 11:59:59.000',
        'API            outage  worst gap  down since    answers since  tries failed  slowest answer',
        'AMQP :5672     never   0.0 s                                   0 of 3        2 ms',
        'compute :8774  0.2 s   0.2 s      12:00:00.100  not yet        2 of 3        2 ms',
      ].join('\n'),
    )
    expect(outageText(summarise([]))).toBe('No API was probed')
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

  test('names what is at the moving addresses, by number or by name, each URL once', () => {
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
})
