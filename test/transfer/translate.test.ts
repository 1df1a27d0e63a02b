import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recipes, services } from '../../src/services/index.ts'
import { generatorOutput, recordedOptions } from '../../src/transfer/known-table.ts'
import { knownOptions } from '../../src/transfer/options.ts'
import { get, options, parse } from '../../src/transfer/oslo-conf.ts'
import { leftOpen, translate, withoutSecrets } from '../../src/transfer/translate.ts'

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/config/${name}`, import.meta.url), 'utf8')

const one = (project: string, text: string, from = 'queens', to = 'epoxy') => {
  const [result] = translate({ project, from, to, files: [{ path: `${project}.conf`, text }] })
  if (result === undefined) throw new Error('nothing came back')
  return { ...result, file: parse(result.text) }
}

describe('a file of queens for epoxy', () => {
  const text = [
    '[DEFAULT]',
    'rpc_backend = rabbit',
    'scheduler_default_filters = ComputeFilter,RetryFilter',
    'no_such_option = 1',
    '[placement]',
    'os_region_name = one',
    '[database]',
    'connection = mysql://nova:hunter2hunter2@db/nova',
    '',
  ].join('\n')
  const translated = () => {
    const { file, decisions } = one('nova', text)
    return { file, decisions, of: (name: string) => decisions.find(({ option }) => option === name) }
  }

  test('options are renamed, dropped and rewritten as in a swap, each with its reason', () => {
    const { file, of } = translated()
    expect(of('rpc_backend')).toMatchObject({
      fate: 'dropped',
      from: 'rabbit',
      reason: expect.stringContaining('stein'),
    })
    expect(get(file, 'filter_scheduler', 'enabled_filters')).toBe('ComputeFilter')
    expect(of('scheduler_default_filters')).toMatchObject({
      fate: 'renamed',
      to: expect.stringContaining('enabled_filters'),
    })
    expect(get(file, 'placement', 'region_name')).toBe('one')
    expect(get(file, 'database', 'connection')).toBe('mysql+pymysql://nova:hunter2hunter2@db/nova')
  })

  test('an option on no list is kept and pointed out', () => {
    const { file, of } = translated()
    expect(get(file, 'DEFAULT', 'no_such_option')).toBe('1')
    expect(of('no_such_option')).toMatchObject({ fate: 'kept', look: true })
  })

  test('no decision shows a password', () => expect(JSON.stringify(translated().decisions)).not.toContain('hunter2'))
})

describe('what the tables say of a release', () => {
  test('an option removed after the recorded release is known until then', () => {
    const rows = (services.find(({ recipe }) => recipe.name === 'nova')?.options.removed ?? '').split('\n')
    const leaving = rows
      .map((row) => row.split('\t'))
      .filter(([project, release]) => project === 'nova' && release === '2025.2')
      .flatMap(([, , section = '', names = '']) => names.split(' ').map((name) => [section, name] as const))
      .filter(([section, name]) => recordedOptions('nova', '2025.1').live(section, name) !== undefined)
    expect(leaving.length).toBeGreaterThan(0)
    for (const [section, name] of leaving) expect(recordedOptions('nova', '2025.2').live(section, name)).toBeUndefined()
  })

  test('an option removed before the recorded release is known in older ones', () => {
    expect(recordedOptions('nova', 'rocky').live('DEFAULT', 'scheduler_default_filters')).toBeDefined()
    expect(recordedOptions('nova', 'zed').live('DEFAULT', 'scheduler_default_filters')).toBeUndefined()
    const { file } = one('nova', '[DEFAULT]\nscheduler_default_filters = ComputeFilter\n', 'queens', 'rocky')
    expect(get(file, 'DEFAULT', 'scheduler_default_filters')).toBe('ComputeFilter')
  })

  test('every service has a table with the option of its own name and the database', () => {
    for (const { recipe } of services) {
      const known = recordedOptions(recipe.release.project, '2025.1')
      const section = recipe.name === 'placement' ? 'placement_database' : 'database'
      expect({ of: recipe.name, secret: known.live(section, 'connection')?.secret }).toEqual({
        of: recipe.name,
        secret: true,
      })
      expect(known.live('DEFAULT', 'debug')).toBeDefined()
    }
  })

  test.each(['nova', 'cinder'])('the table of %s agrees with what its own packages printed', (project) => {
    const printed = JSON.parse(fixture(`options/${project}.json`)) as Parameters<typeof knownOptions>[0]
    const asked = knownOptions(printed)
    const told = recordedOptions(project, '2025.1')
    const wanted = Object.entries(printed.options).flatMap(([section, { opts }]) =>
      opts.map(({ dest }) => [section, dest] as const),
    )
    expect(wanted.length).toBeGreaterThan(20)
    for (const [section, name] of wanted) {
      const { leaving: _a, ...known } = asked.live(section, name) ?? {}
      const { leaving: _b, ...found } = told.live(section, name) ?? {}
      expect(found).toEqual(known)
    }
  })

  test('marks and aliases of a table are parsed', () => {
    const known = knownOptions(generatorOutput('\nDEFAULT\ta* b!- c old=.a\nx\told=DEFAULT.b\n'))
    expect(known.live('DEFAULT', 'a')).toEqual({ section: 'DEFAULT', name: 'a', multi: true, secret: false })
    expect(known.live('DEFAULT', 'b')).toEqual({
      section: 'DEFAULT',
      name: 'b',
      multi: false,
      secret: true,
      leaving: '',
    })
    expect(known.replacements('DEFAULT', 'old').map(({ name }) => name)).toEqual(['a'])
    expect(known.replacements('x', 'old').map(({ name }) => name)).toEqual(['b'])
  })
})

test('another release than the recorded one is derived from it, and that is reported', () => {
  expect(leftOpen('2025.1')).toHaveLength(1)
  expect(leftOpen('zed')[1]).toContain('2025.1')
})

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/)
const value = fc.stringMatching(/^[A-Za-z0-9:/.-][A-Za-z0-9 :/.-]{0,15}[A-Za-z0-9]$/)
const files = fc.array(fc.tuple(fc.constantFrom('DEFAULT', 'database', 'own'), word, value), { maxLength: 12 })
const textOf = (lines: readonly (readonly [string, string, string])[]): string =>
  lines.map(([section, key, text]) => `[${section}]\n${key} = ${text}\n`).join('')

test('nothing is lost: each option is in the translated file or in a decision that says why not', () => {
  fc.assert(
    fc.property(fc.constantFrom(...recipes.map(({ release }) => release.project)), files, (project, lines) => {
      const { file, decisions } = one(project, textOf(lines))
      for (const { section, key } of options(parse(textOf(lines)))) {
        const kept = get(file, section, key) !== undefined
        const told = decisions.some((it) => it.section === section && it.option === key)
        expect({ section, key, found: kept || told }).toEqual({ section, key, found: true })
        if (kept) continue
        expect(decisions.find((it) => it.section === section && it.option === key)?.reason).not.toBe('')
      }
    }),
  )
})

test('translating twice changes nothing more', () => {
  for (const project of ['nova', 'cinder']) {
    const { text } = one(project, fixture(`source/${project}.conf`), 'victoria')
    const all = (it: string) => options(parse(it)).map(({ section, key, value }) => ({ section, key, value }))
    expect(all(one(project, text, 'epoxy').text)).toEqual(all(text))
  }
})

test('a displayed file has no secrets', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9!%*+,.-]{8,20}$/)
  fc.assert(
    fc.property(secret, (it) => {
      const text = `[a]\npassword = ${it}\n    ${it}x\nurl = rabbit://u:${it}@h/\n[b]\nmetadata_proxy_shared_secret = ${it}\nplain = yes\n`
      const shown = withoutSecrets(text, recordedOptions('nova', 'epoxy'))
      expect(shown).not.toContain(it)
      expect(shown).toContain('plain = yes')
    }),
  )
})

test("an agent's file keeps what was renamed, though the lists of the target's files do not have it", () => {
  const { file, decisions } = one('neutron', '[DEFAULT]\nnova_metadata_ip = 10.2.0.1\n', 'mitaka')
  expect(get(file, 'DEFAULT', 'nova_metadata_host')).toBe('10.2.0.1')
  expect(decisions.find(({ option }) => option === 'nova_metadata_ip')).toMatchObject({ fate: 'renamed', look: true })
  const both = one('neutron', '[DEFAULT]\nnova_metadata_ip = 10.2.0.1\nnova_metadata_host = new\n', 'mitaka')
  expect(get(both.file, 'DEFAULT', 'nova_metadata_host')).toBe('new')
})
