import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { cinderRecipe } from '../../src/services/cinder/recipe.ts'
import { addressMap } from '../../src/transfer/addresses.ts'
import { askOptions } from '../../src/transfer/ask-options.ts'
import { configActions } from '../../src/transfer/config.ts'
import { knownOptions } from '../../src/transfer/options.ts'

const etc = '/mnt'
const path = `${etc}/cinder.conf`
const local = localHost()

/** This machine with a folder mounted as a side's configuration. */
const withFolder = (name: 'source' | 'target', folder: string): Host => ({
  ...local,
  name,
  run: ({ argv, ...rest }) =>
    local.run({
      argv: ['unshare', '-m', 'sh', '-c', `mount --bind "$0" ${etc} && exec "$@"`, folder, ...argv],
      ...rest,
    }),
})

const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../fixtures/config/${name}`, import.meta.url), 'utf8')

let folder: string
let input: Parameters<typeof configActions>[0]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swapctl-config-'))
  for (const [side, conf] of [
    ['source', await fixture('source/cinder.conf')],
    ['target', await fixture('target/cinder.conf')],
  ] as const) {
    await mkdir(join(folder, side, 'policy.d'), { recursive: true })
    await writeFile(join(folder, side, 'cinder.conf'), conf, { mode: 0o640 })
  }
  input = {
    recipe: {
      name: 'cinder',
      user: 'root',
      release: cinderRecipe.release,
      etc: [etc],
      files: [
        { path, namespaces: [] },
        { path: `${etc}/none.conf`, namespaces: [] },
      ],
    },
    source: withFolder('source', join(folder, 'source')),
    target: withFolder('target', join(folder, 'target')),
    map: addressMap({ file: 'x', addresses: [], counterparts: [{ source: '10.30.0.11', target: '10.30.0.12' }] }),
    options: knownOptions(JSON.parse(await fixture('options/cinder.json'))),
    release: 'epoxy',
  }
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const carry = async () => {
  const { actions, decisions } = await configActions(input)
  for (const action of actions)
    await perform(action, {
      hosts: (name) => (name === 'target' ? input.target : input.source),
      fixups: async () => '',
    })
  return { actions, decisions }
}

const onTarget = (name: string): Promise<string> => readFile(join(folder, 'target', name), 'utf8')

test("the source's settings are merged into the target's once: a second run has nothing to do", async () => {
  const before = await onTarget('cinder.conf')
  const first = await carry()
  const merged = await onTarget('cinder.conf')
  expect(merged).toContain("password = c!nder$$ #%@;/'\n")
  expect(merged).toContain('target_ip_address = 10.30.0.12\n')
  expect(await onTarget('cinder.conf.swapctl-packaged')).toBe(before)
  expect(((await stat(join(folder, 'target', 'cinder.conf'))).mode & 0o777).toString(8)).toBe('640')
  const second = await carry()
  expect(second.actions).toEqual([])
  expect(second.decisions).toEqual(first.decisions)
  expect(await onTarget('cinder.conf')).toBe(merged)
})

test('a change on the source is merged again, starting from the packaged file', async () => {
  await carry()
  await writeFile(join(folder, 'source', 'cinder.conf'), '[DEFAULT]\nmy_ip = 10.30.0.11\n')
  const { actions } = await carry()
  expect(actions.map(({ kind }) => kind)).toEqual(['write'])
  const merged = await onTarget('cinder.conf')
  expect(merged).toContain('my_ip = 10.30.0.12\n')
  expect(merged).not.toContain('enabled_backends = ')
})

test('the source is only read', async () => {
  const before = await readFile(join(folder, 'source', 'cinder.conf'), 'utf8')
  await carry()
  expect(await readFile(join(folder, 'source', 'cinder.conf'), 'utf8')).toBe(before)
})

test('a file that only the target has is left as packaged', async () => {
  await rm(join(folder, 'source', 'cinder.conf'))
  expect(await carry()).toEqual({ actions: [], decisions: [] })
})

test('custom policy rules and drop-in files are named, not copied', async () => {
  await writeFile(join(folder, 'source', 'policy.d', '00_default_policy.yaml'), '#"a": "b"\n')
  await writeFile(join(folder, 'source', 'policy.json'), '{"volume:create": "role:boss"}')
  await mkdir(join(folder, 'source', 'cinder.conf.d'))
  await writeFile(join(folder, 'source', 'cinder.conf.d', 'own.conf'), '[DEFAULT]\ndebug = true\n')
  const { decisions } = await configActions(input)
  expect(decisions.filter(({ file }) => file !== path)).toMatchObject([
    { file: `${etc}/cinder.conf.d/own.conf`, section: 'drop-in', option: '1 lines', fate: 'dropped', look: true },
    { file: `${etc}/policy.json`, section: 'policy', option: '1 rules', fate: 'dropped', look: true },
  ])
})

test('an existing file that cannot be read is an error', async () => {
  await rm(join(folder, 'source', 'cinder.conf'))
  await mkdir(join(folder, 'source', 'cinder.conf'))
  await expect(configActions(input)).rejects.toThrow(`${path} cannot be read`)
})

test('a machine without the packages is reported as such', async () => {
  await expect(askOptions(local, ['no.such.namespace'], 30)).rejects.toThrow(/no.such.namespace/)
})
