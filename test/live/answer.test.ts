import { spawn as start } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Server as Net } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ServerChannel } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SwapError } from '../../src/errors.ts'
import type { Host } from '../../src/hosts/host.ts'
import { fetchHostKey } from '../../src/hosts/hostkey.ts'
import { localHost } from '../../src/hosts/local.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { type Sshd, startSshd } from './machines.ts'

let sshd: Sshd
let host: Host
beforeAll(async () => {
  sshd = await startSshd()
  host = sshHost(sshd.machine, 'source')
})
afterAll(async () => {
  await host?.close()
  await sshd?.stop()
})

const both = [
  ['ssh', () => host],
  ['local', () => localHost()],
] as const
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const listen = (server: Pick<Net, 'listen' | 'address'>): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

/** A proxy that delays client data for 5 s once the machine has sent so many bytes. */
const stalling = async (to: number): Promise<{ port: number; after(bytes: number): void; close(): void }> => {
  let left = Number.POSITIVE_INFINITY
  const server = createServer((client) => {
    const machine = connect(to, '127.0.0.1')
    let held: Buffer[] | undefined
    machine.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) {
        left = Number.POSITIVE_INFINITY
        held = []
        setTimeout(() => {
          for (const one of held ?? []) machine.write(one)
          held = undefined
        }, 5_000)
      }
      client.write(chunk)
    })
    client.on('data', (chunk: Buffer) => (held === undefined ? machine.write(chunk) : held.push(chunk)))
    for (const [one, other] of [
      [client, machine],
      [machine, client],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  const port = await listen(server)
  return {
    port,
    after: (bytes) => {
      left = bytes
    },
    close: () => void server.close(),
  }
}

test('output that still waits for the window when the program has ended is awaited', async () => {
  const way = await stalling(sshd.machine.port)
  const on = sshHost({ ...sshd.machine, port: way.port }, 'source')
  try {
    await on.run({ argv: ['true'] })
    way.after(1_000_000)
    // ssh2's window is 2 MiB; the rest fits into the pipe, so the program ends.
    const { stdout, code } = await on.run({ argv: ['head', '-c', '2150000', '/dev/zero'] })
    expect([code, stdout.length]).toEqual([0, 2_150_000])
  } finally {
    await on.close()
    way.close()
  }
})

test.each(both)("%s: output of a daemon after the program's end does not belong to the answer", async (_, on) => {
  const daemon =
    '(while sleep 0.05; do echo noise; echo noise >&2; done) & head -c 300000 /dev/zero; echo $! >&2; exit 7'
  const { stdout, stderr, code } = await on().run({ argv: ['sh', '-c', daemon] })
  const pid = Number(/^\d+$/m.exec(stderr)?.[0])
  process.kill(pid, 'SIGKILL')
  expect(code).toBe(7)
  expect(stdout.replaceAll('noise\n', '').length).toBe(300_000)
  expect(stderr.replaceAll('noise\n', '')).toBe(`${pid}\n`)
})

test.each(both)('%s: an end mark split over several chunks is found', async (_, on) => {
  // Longer than one read of a pipe, with lengths that put the mark at every position of a chunk.
  const lengths = Array.from({ length: 12 }, (_, index) => 65_536 - 12 + index)
  const answers = await Promise.all(
    lengths.map((length) => on().run({ argv: ['head', '-c', `${length}`, '/dev/zero'] })),
  )
  expect(answers.map(({ stdout }) => stdout.length)).toEqual(lengths)
})

test.each(both)('%s: output without an end mark is an error that names the program', async (_, on) => {
  // Kills its enclosing shells, the outermost first.
  const script = `echo some; p=$PPID; all=
    while read -r name < "/proc/$p/comm"; [ "$name" = sh ] || [ "$name" = bash ] || [ "$name" = timeout ]; do
      all="$p $all"; p=$(cut -d " " -f 4 "/proc/$p/stat")
    done
    kill -KILL $all`
  const error = await failure(on().run({ argv: ['sh', '-c', script] }))
  expect(error.message).toMatch(/^the output of sh -c \.\.\. .*broke off before its end/s)
})

/** A different kind of server: runs the command, and `answer` decides in which order its end is sent. */
const other = async (answer: (channel: ServerChannel, said: Buffer, code: number, end: () => void) => void) => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (context) => context.accept())
    client.on('ready', () => {
      client.on('session', (accept) => {
        accept().on('exec', (take, _, { command }) => {
          const channel = take()
          const child = start('sh', ['-c', command])
          const said: Buffer[] = []
          child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
          child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk))
          channel.pipe(child.stdin)
          child.on('close', (code) => answer(channel, Buffer.concat(said), code ?? 1, () => client.end()))
        })
      })
    })
  })
  const port = await listen(server)
  const machine = {
    ...sshd.machine,
    port,
    key: join(sshd.directory, 'user'),
    hostKey: await fetchHostKey('127.0.0.1', port),
  }
  return { on: sshHost(machine, 'source'), close: () => void server.close() }
}

const lines = { argv: ['sh', '-c', 'for n in 1 2 3 4; do echo "$n"; done'] } as const

test('a server that sends the exit code first and output seconds later is read to the end', async () => {
  const { on, close } = await other((channel, said, code) => {
    channel.exit(code)
    const half = said.indexOf('3')
    channel.write(half < 0 ? said : said.subarray(0, half))
    setTimeout(
      () => {
        if (half >= 0) channel.write(said.subarray(half))
        channel.close()
      },
      half < 0 ? 0 : 4_000,
    )
  })
  try {
    expect(await on.run(lines)).toMatchObject({ code: 0, stdout: '1\n2\n3\n4\n' })
  } finally {
    await on.close()
    close()
  }
})

test.each([
  [
    'closes the channel',
    (channel: ServerChannel) => channel.close(),
    /the output of .* broke off before its end \(exit 0\)/,
  ],
  ['breaks the connection', (_: ServerChannel, end: () => void) => end(), /connection was lost while this ran/],
])('a server that tells success and %s in the middle of the output has not answered', async (_, cut, says) => {
  const { on, close } = await other((channel, said, code, end) => {
    channel.exit(code)
    if (!said.includes('3\n4')) {
      channel.write(said)
      channel.close()
      return
    }
    channel.write(said.subarray(0, said.indexOf('3')), () => cut(channel, end))
  })
  try {
    expect((await failure(on.run(lines))).message).toMatch(says)
  } finally {
    await on.close()
    close()
  }
})

test('a stream whose connection ends between exit code and output fails', async () => {
  const { on, close } = await other((channel, said, code, end) => {
    channel.exit(code)
    if (said.includes('3\n4')) channel.write(said.subarray(0, said.indexOf('3')), end)
    else {
      channel.write(said)
      channel.close()
    }
  })
  try {
    const job = await on.spawn(lines)
    job.stdout.resume()
    job.stdin.end()
    expect((await failure(job.exit)).message).toMatch(/connection was lost/)
  } finally {
    await on.close()
    close()
  }
})
