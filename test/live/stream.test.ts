import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SwapError } from '../../src/errors.ts'
import type { Command, Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { flow } from '../../src/hosts/stream.ts'
import { type Sshd, startSshd } from './machines.ts'

let sshd: Sshd
let source: Host
let target: Host
let count = 0
let file: string
beforeAll(async () => {
  sshd = await startSshd()
  source = sshHost(sshd.machine, 'source')
  target = sshHost(sshd.machine, 'target')
})
afterAll(async () => {
  await source?.close()
  await target?.close()
  await sshd?.stop()
})
beforeEach(() => {
  count += 1
  file = join(sshd.directory, `received-${count}`)
})

const sh = (script: string, ...words: readonly string[]): Command => ({ argv: ['sh', '-c', script, 'sh', ...words] })
/** Keeps its input, and records in a second file that it saw the end. */
const keep = (): Command => sh('echo $$ > "$1.pid"; cat > "$1"; echo whole > "$1.end"', file)
const sleeps = (): Command => sh('echo $$ > "$1.pid"; exec sleep 600', file)
const late = (): Command => sh('echo $$ > "$1.pid"; cat > /dev/null; exec sleep 600', file)
const sawTheEnd = (): boolean => existsSync(`${file}.end`)
const pidOfWriter = (): number => Number(readFileSync(`${file}.pid`, 'utf8'))
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const until = async (ready: () => boolean) => {
  for (let attempt = 0; attempt < 100 && !ready(); attempt += 1) await sleep(100)
  expect(ready()).toBe(true)
}

const ways = [
  ['between two machines', () => [source, target]],
  ['from this machine', () => [localHost(), target]],
  ['to this machine', () => [source, localHost()]],
] as const satisfies readonly (readonly [string, () => readonly [Host, Host]])[]

test.each(ways)('%s two programs talk: the output of each is the input of the other', async (_, hosts) => {
  const [from, to] = hosts()
  const asks = sh('i=0; while [ $i -lt 3 ]; do read -r word; echo "$word $word"; i=$((i + 1)); done')
  const answers = sh(
    'for word in a b c; do echo $word; read -r said; echo "$said" >> "$1"; done; cat >> "$1"; seq 50000',
    file,
  )
  await flow({ host: from, command: asks }, { host: to, command: answers }, { talk: true, silence: 100 })
  expect(readFileSync(file, 'utf8')).toBe('a a\nb b\nc c\n')
})

test('what one says of its failure is told, not that the other then misses something', async () => {
  const asks = sh('cat > /dev/null; sleep 20; echo "the sums broke off" >&2; exit 1')
  const answers = sh('echo "the disk is broken" >&2; exit 3')
  const error = await failure(flow({ host: source, command: asks }, { host: target, command: answers }, { talk: true }))
  expect(error.message).toContain('the disk is broken')
})

test.each(ways)('%s every byte arrives and is counted', async (_, hosts) => {
  const [from, to] = hosts()
  const seen: number[] = []
  const command = sh('head -c 50000000 /dev/urandom | tee "$1.sent"', file)
  const bytes = await flow(
    { host: from, command },
    { host: to, command: keep() },
    {
      onBytes: (so_far) => void seen.push(so_far),
    },
  )
  const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(bytes).toBe(50_000_000)
  expect(seen.at(-1)).toBe(50_000_000)
  expect(sum(file)).toBe(sum(`${file}.sent`))
  expect(sawTheEnd()).toBe(true)
})

test.each(ways)('%s a reader that fails half-way kills the writer before it sees an end', async (_, hosts) => {
  const [from, to] = hosts()
  const command = sh('head -c 3000000 /dev/zero; sleep 0.3; echo the table is gone >&2; exit 7')
  const error = await failure(flow({ host: from, command }, { host: to, command: keep() }))
  expect(error.where).toBe(from.name)
  expect(error.message).toMatch(/exited 7:\nthe table is gone$/)
  expect(existsSync(`/proc/${pidOfWriter()}`)).toBe(false)
  expect(sawTheEnd()).toBe(false)
})

test.each(ways)('%s a writer that fails is reported, and the reader ends', async (_, hosts) => {
  const [from, to] = hosts()
  const reader = sh('echo $$ > "$1.pid"; cat /dev/zero', file)
  const writer = sh('head -c 1000000 > /dev/null; echo Access denied >&2; exit 5')
  const error = await failure(flow({ host: from, command: reader }, { host: to, command: writer }))
  expect(error.where).toBe(to.name)
  expect(error.message).toMatch(/exited 5:\nAccess denied$/)
  await until(() => !existsSync(`/proc/${pidOfWriter()}`))
})

test('a writer that exits 0 before it has read everything has failed', async () => {
  const writer = sh('head -c 1000 > /dev/null')
  const error = await failure(flow({ host: source, command: sh('cat /dev/zero') }, { host: target, command: writer }))
  expect(error).toMatchObject({ where: 'target', message: expect.stringContaining('before it had read all its input') })
})

test('a missing program is named', async () => {
  const missing: Command = { argv: ['no-such-dump'] }
  const error = await failure(flow({ host: source, command: missing }, { host: target, command: keep() }))
  expect(error.message).toMatch(/no-such-dump exited 127/)
  expect(sawTheEnd()).toBe(false)
})

test("when the reader's connection is cut: an error, and the writer is killed before it sees an end", async () => {
  const reader = sh('echo $PPID > "$1.server"; while head -c 100000 /dev/zero; do sleep 0.05; done', file)
  const running = failure(flow({ host: source, command: reader }, { host: target, command: keep() }))
  await until(() => existsSync(`${file}.server`) && existsSync(file) && readFileSync(file).length > 300_000)
  process.kill(Number(readFileSync(`${file}.server`, 'utf8')), 'SIGKILL')
  const error = await running
  expect(error.where).toBe('source')
  expect(error.message).toMatch(/connection was lost while this ran/)
  expect(sawTheEnd()).toBe(false)
  expect(existsSync(`/proc/${pidOfWriter()}`)).toBe(false)
})

test("when the writer's connection is cut: an error, and the reader ends", async () => {
  const reader = sh('echo $$ > "$1.pid"; cat /dev/zero', file)
  const writer = sh('echo $PPID > "$1.server"; cat > /dev/null', file)
  const running = failure(flow({ host: source, command: reader }, { host: target, command: writer }))
  await until(() => existsSync(`${file}.server`) && readFileSync(`${file}.server`, 'utf8').endsWith('\n'))
  await sleep(300)
  process.kill(Number(readFileSync(`${file}.server`, 'utf8')), 'SIGKILL')
  const error = await running
  expect(error.where).toBe('target')
  expect(error.message).toMatch(/connection was lost while this ran/)
  await until(() => !existsSync(`/proc/${pidOfWriter()}`))
})

test('a limit kills a writer that hangs, and so ends the pipe', async () => {
  const writer: Command = { ...sh('sleep 600'), limit: 1 }
  const error = await failure(flow({ host: source, command: sh('cat /dev/zero') }, { host: target, command: writer }))
  expect(error).toMatchObject({ where: 'target', message: expect.stringContaining('did not end within 1 s') })
})

test.each([
  ['reader', 'source', 'transferred nothing for 1 s', sh('echo some; exec sleep 600'), keep],
  ['writer', 'target', 'transferred nothing for 1 s', sh('exec cat /dev/zero'), sleeps],
  ['writer that has got everything', 'target', 'did not end within 1 s of the end of its input', sh('echo all'), late],
])('a %s that moves no data is killed on its machine', async (_, where, says, reader, writer) => {
  const ends = [
    { host: source, command: reader },
    { host: target, command: writer() },
  ] as const
  const error = await failure(flow(...ends, { silence: 1 }))
  expect(error).toMatchObject({
    where,
    message: expect.stringContaining(says),
    next: expect.stringContaining('[limits]'),
  })
  await until(() => !existsSync(`/proc/${pidOfWriter()}`))
  expect(sawTheEnd()).toBe(false)
})

test('a stream with progress may take longer than the allowed silence', async () => {
  const reader = sh('for i in 1 2 3 4; do echo "$i"; sleep 0.5; done')
  expect(await flow({ host: source, command: reader }, { host: target, command: keep() }, { silence: 1.5 })).toBe(8)
  expect(sawTheEnd()).toBe(true)
})

test('a slow writer slows the reader down: nothing is buffered here', async () => {
  let flowed = 0
  const onBytes = (bytes: number) => {
    flowed = bytes
  }
  const writer = sh('sleep 2; cat > /dev/null')
  const reader = sh('head -c 200000000 /dev/zero')
  const running = flow({ host: source, command: reader }, { host: target, command: writer }, { onBytes })
  await sleep(1500)
  expect(flowed).toBeGreaterThan(0)
  expect(flowed).toBeLessThan(20_000_000)
  expect(await running).toBe(200_000_000)
})
