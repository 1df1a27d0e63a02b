import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { storageChecks } from '../../src/checks/storage.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import { askEmpty } from '../../src/transfer/stored.ts'
import { type Side, startSide } from './sides.ts'

let source: Side

beforeAll(async () => {
  source = await startSide('source', ['/srv'])
})
afterAll(() => source?.stop())
beforeEach(() => source.sh('rm -rf /srv/*; mkdir -p /srv/keys /srv/private /srv/public'))

const recipe = {
  storage: keystoneRecipe.storage,
  files: [{ ...keystoneRecipe.files[0], path: '/srv/keystone.conf' }],
} as unknown as typeof keystoneRecipe

const ask = async (conf: string): Promise<readonly string[]> => {
  await source.host.run({ argv: ['sh', '-c', 'cat >/srv/keystone.conf'], stdin: conf })
  return (await askEmpty({ source: source.host, on: source.host }, recipe)).map(({ path }) => path)
}

const fernet = '[fernet_tokens]\nkey_repository = /srv/keys/\n'
const jws = `[token]\nprovider = jws\n[jwt_tokens]\njws_private_key_repository = /srv/private\njws_public_key_repository = /srv/public\n`

test('a keystone without keys is reported, also when the directory is missing or its files are empty', async () => {
  expect(await ask(fernet)).toEqual(['/srv/keys'])
  await source.sh('touch /srv/keys/0')
  expect(await ask(fernet)).toEqual(['/srv/keys'])
  await source.sh('rm -r /srv/keys')
  expect(await ask(fernet)).toEqual(['/srv/keys'])
})

test('storage/empty: blocks with the directory and what it must contain', async () => {
  await ask(fernet)
  const check = storageChecks.find(({ id }) => id === 'storage/empty')
  const context = { hosts: () => source.host, recipes: [recipe] } as unknown as CheckContext
  expect(await check?.ask(context)).toEqual([
    expect.objectContaining({ says: '/srv/keys has no files on the source, but the keys of tokens must be there' }),
  ])
  await source.sh('echo key >/srv/keys/0')
  expect(await check?.ask(context)).toEqual([])
})

test('one key is enough', async () => {
  await source.sh('echo key >/srv/keys/0')
  expect(await ask(fernet)).toEqual([])
  expect(await ask(`[token]\nprovider = keystone.token.providers.fernet.Provider\n${fernet}`)).toEqual([])
})

test('signed tokens need both of their directories and no others', async () => {
  expect(await ask(jws + fernet)).toEqual(['/srv/private', '/srv/public'])
  await source.sh('echo key >/srv/private/private.pem; echo key >/srv/public/public.pem')
  expect(await ask(jws + fernet)).toEqual([])
})
