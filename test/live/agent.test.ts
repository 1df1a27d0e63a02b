import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SwapError } from '../../src/errors.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import type { Asked } from '../../src/hosts/password.ts'
import { connect, openReach } from '../../src/hosts/ssh.ts'
import { usualKey } from '../../src/settings/machine.ts'
import { keygen, type Sshd, startSshd } from './machines.ts'

const given = process.env['SSH_AUTH_SOCK']

let sshd: Sshd
let agent: { readonly path: string; stop(): Promise<void> }
beforeAll(async () => {
  sshd = await startSshd()
  for (const type of ['ed25519', 'rsa', 'ecdsa']) {
    keygen(at(type), type)
    appendFileSync(at('user.pub'), readFileSync(at(`${type}.pub`)))
  }
  for (const stranger of ['stranger1', 'stranger2']) keygen(at(stranger), 'ed25519')
})
afterAll(() => sshd?.stop())
beforeEach(async () => {
  agent = await startAgent(at('agent.sock'))
  process.env['SSH_AUTH_SOCK'] = agent.path
})
afterEach(async () => {
  await agent.stop()
  if (given === undefined) delete process.env['SSH_AUTH_SOCK']
  else process.env['SSH_AUTH_SOCK'] = given
})

const at = (name: string): string => join(sshd.directory, name)
const add = (...words: readonly string[]): void => {
  execFileSync('ssh-add', ['-q', ...words], { stdio: 'ignore' })
}
const startAgent = async (path: string) => {
  const child = spawn('ssh-agent', ['-D', '-a', path], { stdio: 'ignore' })
  await expect.poll(() => existsSync(path)).toBe(true)
  const stop = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(path, { force: true })
  }
  return { path, stop }
}
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const by = (key: string) => ({ ...sshd.machine, key })
const reaches = async (key: string): Promise<void> => {
  const host = await connect(by(key), 'source')
  expect((await host.run({ argv: ['echo', 'in'] })).stdout).toBe('in\n')
  await host.close()
}

test.each(['ed25519', 'rsa', 'ecdsa'])(
  'key = agent logs in with a key of type %s, after one that is refused',
  async (type) => {
    add(at('stranger1'), at(type))
    await reaches('agent')
  },
)

test('a key file with a passphrase, and a public key, are looked for in the agent, and nothing is asked', async () => {
  for (const [name, ...form] of [['own'], ['pem', '-m', 'PEM']] as const) {
    keygen(at(name), 'rsa')
    appendFileSync(at('user.pub'), readFileSync(at(`${name}.pub`)))
    add(at(name))
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'locked', ...form, '-f', at(name)])
    await reaches(at(name))
    await reaches(at(`${name}.pub`))
  }
  add('-D')
  expect((await failure(connect(by(at('own')), 'source'))).message).toMatch(
    /has a passphrase, and there is no terminal/,
  )
  const half = await failure(connect(by(at('own.pub')), 'source:ctl1'))
  expect(half).toMatchObject({ exitCode: 2, next: expect.stringMatching(/^Add it to the agent \(ssh-add FILE\)/) })
  expect(half.message).toMatch(/^\[source ctl1\] key: .*own\.pub is a public key, and no ssh agent holds/)
})

test('an agent that is not named, not there, empty, locked or silent is told by its path', async () => {
  const says = async () => {
    const error = await failure(connect(by('agent'), 'compute:cmp1'))
    expect(error).toMatchObject({ exitCode: 2, next: expect.stringContaining('set `key` to the file') })
    return error.message
  }
  const at_ = `[compute cmp1] key: the ssh agent at ${agent.path} (SSH_AUTH_SOCK)`
  expect(await says()).toBe(`${at_} holds no key that swapctl can use`)
  await agent.stop()
  expect(await says()).toMatch(/\(SSH_AUTH_SOCK\) does not answer: Failed to connect/)
  const silent = createServer(() => {}).listen(agent.path)
  await once(silent, 'listening')
  expect(await says()).toBe(`${at_} does not answer: no answer in 14 s`)
  silent.close()
  delete process.env['SSH_AUTH_SOCK']
  expect(await says()).toBe('[compute cmp1] key: the ssh agent is to log in, and SSH_AUTH_SOCK names none')
}, 60_000)

test('an agent whose keys the machine refuses is told with the keys; a side is refused before it is reached', async () => {
  add(at('stranger1'), at('stranger2'))
  const error = await failure(connect(by('agent'), 'source'))
  expect(error).toMatchObject({ exitCode: 2, next: expect.stringContaining('~root/.ssh/authorized_keys') })
  expect(error.message).toMatch(
    /^the machine accepts no key of the ssh agent at .*: ssh-ed25519 SHA256:.*, ssh-ed25519 SHA256:/,
  )
  add('-D')
  const nobody: Asked = { there: () => false, password: async () => undefined, say: () => {}, leave: () => {} }
  const side = { machines: [{ ...by('agent'), port: 1 }] as const }
  const hosts = openHosts(
    { file: '/s', source: { ...side, openrc: '/o' }, target: side, computes: [] },
    openReach(nobody),
  )
  expect((await failure(hosts.askPasswords())).message).toMatch(/holds no key/)
})

test('more keys than the machine lets try are told, with the way to name one', async () => {
  const strict = await startSshd({ settings: ['MaxAuthTries 2'] })
  appendFileSync(join(strict.directory, 'user.pub'), readFileSync(at('ed25519.pub')))
  try {
    add(at('stranger1'), at('stranger2'), at('ed25519'))
    const error = await failure(connect({ ...strict.machine, key: 'agent' }, 'source'))
    expect(error.message).toMatch(
      /^the machine allows fewer attempts \(MaxAuthTries\) than the ssh agent at .* has keys \(3\)$/,
    )
    expect(error.next).toMatch(/public key of the right one \(FILE\.pub\)/)
    const host = await connect({ ...strict.machine, key: at('ed25519.pub') }, 'source')
    await host.close()
  } finally {
    await strict.stop()
  }
})

test('an agent that has lost the key since says so', async () => {
  add(at('ed25519'))
  const host = await connect(by('agent'), 'source')
  await host.close()
  const nobody: Asked = { there: () => false, password: async () => undefined, say: () => {}, leave: () => {} }
  const side = { machines: [by('agent')] as const }
  const hosts = openHosts(
    { file: '/s', source: { ...side, openrc: '/o' }, target: side, computes: [] },
    openReach(nobody),
  )
  await hosts.askPasswords()
  add('-D')
  const error = await failure(hosts('source').run({ argv: ['true'] }))
  expect(error.message).toMatch(/^the ssh agent at .* does not sign: /)
  await hosts.close()
})

test('without `key`, the agent is used only where there is no key of the usual name', () => {
  const home = process.env['HOME']
  try {
    process.env['HOME'] = at('')
    expect(usualKey()).toBe('agent')
    keygen(at('.ssh-made'), 'ed25519')
    execFileSync('sh', ['-c', 'mkdir -p "$1/.ssh"; mv "$1/.ssh-made" "$1/.ssh/id_ed25519"', 'sh', sshd.directory])
    expect(usualKey()).toBe('~/.ssh/id_ed25519')
    rmSync(at('.ssh'), { recursive: true })
    delete process.env['SSH_AUTH_SOCK']
    expect(usualKey()).toBe('~/.ssh/id_ed25519')
  } finally {
    if (home !== undefined) process.env['HOME'] = home
  }
})
