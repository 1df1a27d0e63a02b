import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stateOf } from '../../src/engine/journal.ts'
import { type Cloud, openCloud } from './cloud.ts'
import { type Gate, gateInDump, makeGate, type Running, start, until } from './disturb.ts'
import { type Light, type LightName, openLight } from './light.ts'

let cloud: Cloud
let light: Light
let dump: Gate
let start1: Gate
const importing = 'keystone/import-keystone'
const syncing = 'keystone/schema-2025.1'

/** Enough rows for the dump to be under way at the gate, and some that look like SQL. */
const rows = `INSERT INTO revocation_event (audit_id, revoked_at, issued_before)
  SELECT MD5(seq), '2023-01-01', '2023-01-01' FROM seq_1_to_250000;
INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain) VALUES
  ('0123456789abcdef0123456789abcd03', CONCAT('$(touch /tmp/owned)', CHAR(27), ']0;owned', CHAR(7), '%s'), '{}',
   '''; DROP TABLE user; -- \\n\`touch /tmp/owned\`', 1, 'default', 'default', 0);
CREATE DATABASE \`clo\\\\ud'"$(touch @tmp@owned)\`;
CREATE TABLE \`clo\\\\ud'"$(touch @tmp@owned)\`.\`ta\`\`b\\nle\` (\`c'\\\\\` INT PRIMARY KEY);
INSERT INTO \`clo\\\\ud'"$(touch @tmp@owned)\`.\`ta\`\`b\\nle\` VALUES (1);`.replaceAll('\\\\', '\\')

/** Two names that differ in a byte that is not UTF-8, one with a command substitution, one with a line feed. */
const files = String.raw`cd /etc/keystone; umask 077
for name in 'a\377' 'a\376' '$(touch ${'$'}{IFS}x)\140touch x\140' 'two\nlines \033[31mred\047"\\\\'; do
  printf "$name" >"$(printf "$name")"; done; ls | wc -l`

beforeAll(async () => {
  cloud = await openCloud(await openLight('cases'))
  light = cloud.light
  await light.inside('source', ['mysql', '--default-character-set=utf8mb4', 'keystone'], { stdin: rows })
  await light.sh('source', files)
  dump = await gateInDump(light, 3_000_000)
  start1 = await makeGate(light, 'source', 'systemctl', '[ "$1" != start ] || gate\nexec "$real" "$@"')
  expect(await cloud.done('prepare')).toContain('Next: swapctl migrate')
})
afterAll(() => cloud?.close())

// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
const control = /[\0-\x08\x0b-\x1f\x7f]/

/** Checks a finished swapctl for what must never happen. */
const ended = async (running: Running): Promise<{ readonly code: number; readonly said: string }> => {
  const result = await running.ended
  expect(result.said).not.toMatch(control)
  return result
}

/** Runs `act` while migrate is in the middle of the dump; migrate must then fail with all of `says`. */
const disturbed = async (act: () => Promise<unknown>, ...says: readonly RegExp[]): Promise<string> => {
  await dump.shut()
  const running = start(cloud, ['migrate'])
  try {
    await Promise.race([dump.reached(), running.ended.then(({ said }) => Promise.reject(new Error(said)))])
    await act()
  } finally {
    await dump.open()
  }
  const { code, said } = await ended(running)
  expect(code, said).toBe(1)
  for (const one of [new RegExp(`${importing}: .*failed`), ...says, /swapctl revert/]) expect(said).toMatch(one)
  return said
}

/** Whether nothing started by swapctl runs on a machine. */
const idle = async (machine: LightName): Promise<boolean> =>
  (await light.attempt(machine, ['sh', '-c', 'grep -lzas "^SWAPCTL_STEP=" /proc/[0-9]*/environ'])).stdout === ''

/** Other questions to the source at that time must have their answers first. */
const restarted = async (): Promise<void> => {
  const answered = async () => {
    const journal = await cloud.journal()
    return ['freeze/fingerprint', 'keystone/files'].every((id) => stateOf({ entries: journal }, id) === 'done')
  }
  await until('the fingerprint and the proof of the keys', answered)
  // A server told to end waits a minute for a client that does not read.
  await light.sh('source', 'systemctl kill --signal=KILL mariadb; systemctl restart mariadb')
}

test('MariaDB on the source is restarted during a dump', async () => {
  await disturbed(restarted, /source: .*dump/, /Lost connection|gone away/i)
  await until('idle', async () => (await idle('source')) && (await idle('target')))
})

test('MariaDB on the target is restarted during an import', async () => {
  await disturbed(
    () => light.sh('target', 'systemctl restart mariadb'),
    /target: .*import/,
    // On a busy machine none of the import's clients may have connected yet, and one that writes hears of the pipe.
    /Lost connection|gone away|Can't connect|Broken pipe/i,
  )
})

test("the target's disk is full", async () => {
  await light.sh(
    'target',
    `systemctl stop mariadb; mkdir -p /mnt/small
mount -t tmpfs -o mode=755,size=$(($(du -sm /var/lib/mysql | cut -f 1) + 30))M tmpfs /mnt/small
cp -a /var/lib/mysql/. /mnt/small; chown mysql: /mnt/small; mount --bind /mnt/small /var/lib/mysql; systemctl start mariadb`,
  )
  const { code, said } = await ended(start(cloud, ['migrate']))
  expect(code, said).toBe(1)
  expect(said).toMatch(/target: [\s\S]*(is full|No space left|No more room)/)
  expect(said).not.toContain('2023-01-01')
  await light.sh('target', 'systemctl stop mariadb; umount /var/lib/mysql; umount /mnt/small; systemctl start mariadb')
})

test('the ssh connection to the target is killed', async () => {
  await disturbed(
    () => light.sh('target', "pkill -KILL -f '^sshd(-session)?: root'"),
    /target: the connection was lost while this ran: .*import/,
  )
})

test('the network to the target is cut permanently', async () => {
  await disturbed(
    () => light.cut('target'),
    /target: the connection was lost while this ran/,
    /swapctl does not know how far the program got/,
  )
  await light.fix('target')
  expect(await idle('target')).toBe(false)
})

test('the target loses power and is booted again', async () => {
  // The programs left there would wait for ever; they were killed before this import began.
  await disturbed(async () => {
    expect((await light.sh('target', 'pgrep -xc awk')).trim()).toBe('1')
    await light.powerOff('target')
  }, /target: the connection was lost/)
  await light.boot('target')
})

test('kill -9 leaves a lock that the next run takes over', async () => {
  await dump.shut()
  const running = start(cloud, ['migrate'])
  await dump.reached()
  running.signal('SIGKILL')
  await running.ended
  await dump.open()
})

test('of two runs the second is refused; one Ctrl-C lets the import finish; a 5 s network failure is not noticed', async () => {
  await dump.shut()
  const running = start(cloud, ['migrate'])
  await dump.reached()
  expect(running.said()).toMatch(/Taking over the lock of swapctl migrate/)
  for (const words of [['migrate'], ['revert', '--yes'], ['prepare']]) {
    const second = await ended(start(cloud, words))
    expect(second.code).toBe(2)
    expect(second.said).toMatch(/this swap is in use: swapctl migrate, started by .* \(pid \d+\)/)
  }
  await light.cut('target')
  await new Promise((wake) => setTimeout(wake, 5000))
  await light.fix('target')
  running.signal('SIGINT')
  await until('it has heard', () => running.said().includes('Stopping after the running steps end'))
  await dump.open()
  const { code, said } = await ended(running)
  expect(code).toBe(1)
  expect(said).toMatch(/keystone\/import-keystone .* with equal definitions/)
  expect(said).toMatch(
    /stopped as requested, no step is unfinished\n {2}\d+ of \d+ steps are done: .*\n {2}next: \S+ {2}\S/,
  )
  expect(said).toContain('Continue with: swapctl migrate; go back with: swapctl revert')
})

const journal = () => join(cloud.state, 'journal.jsonl')
const settings = () => join(dirname(cloud.state), 'swapctl.ini')
const swapped = async (path: string, change: (text: string) => string): Promise<() => Promise<void>> => {
  await cp(path, `${path}.good`)
  await writeFile(path, change(await readFile(path, 'utf8')))
  return () => cp(`${path}.good`, path).then(() => rm(`${path}.good`))
}

test.each<[string, () => string, (text: string) => string, RegExp]>([
  ['a journal of another version', journal, (text) => text.replace('"version":1', '"version":7'), /has version 7/],
  [
    'one cut off in the middle',
    journal,
    (text) => text.slice(0, text.length / 2),
    /is truncated: \d+ lines were written/,
  ],
  [
    'one damaged in the middle',
    journal,
    (text) => text.replace(/"begun"/, '"begin"'),
    /was altered after it was written/,
  ],
  ['one that is no text', journal, () => '\0\xff\n', /is not JSON/],
  [
    'one of another swap',
    settings,
    (text) => text.replace('name = light', 'name = other'),
    /belongs to the swap 'light'/,
  ],
  [
    'one of another source',
    settings,
    (text) => text.replace(light.hostKey('source'), light.hostKey('target')),
    /belongs to another cloud: its source/,
  ],
  [
    'a lock of another machine',
    () => join(cloud.state, 'lock'),
    () => '{"host":"elsewhere","pid":1,"user":"ann","at":"noon","command":"migrate"}',
    /in use: .*on elsewhere/,
  ],
])('%s is refused, and nothing is changed', async (_, path, change, says) => {
  if (path().endsWith('lock')) await writeFile(path(), '')
  const restore = await swapped(path(), change)
  try {
    const before = await readFile(journal())
    for (const words of [['migrate'], ['revert', '--yes']]) {
      const { code, said } = await ended(start(cloud, words))
      expect(code, said).toBe(2)
      expect(said).toMatch(says)
    }
    expect(await readFile(journal())).toEqual(before)
  } finally {
    await restore()
    if (path().endsWith('lock')) await rm(path())
  }
})

const behave = (program: string, words: string) =>
  light.sh('target', `mkdir -p /etc/stand-in; echo '${words}' >/etc/stand-in/${program}`)
const behaveWell = () => light.sh('target', 'rm -rf /etc/stand-in /usr/local/sbin/keystone-manage')
const toolRuns = async () => (await light.attempt('target', ['pgrep', '-f', 'keystone-manage'])).code === 0

test('a schema tool that hangs is killed at its limit, completely', async () => {
  const restore = await swapped(settings(), (text) => `${text}\n[limits]\nschema = 10\n`)
  await behave('keystone-manage', 'hang')
  const { code, said } = await ended(start(cloud, ['migrate'])).finally(restore)
  expect(code, said).toBe(1)
  expect(said).toMatch(
    /keystone\/schema-2025\.1: .*failed.\ntarget: .*keystone-manage db_sync did not end within 10 s and was ended/,
  )
  expect(said).toContain('[limits] in the settings')
  expect(await toolRuns()).toBe(false)
  expect(await light.sh('target', 'systemctl list-units --all --no-legend "swapctl-own-*"')).toBe('')
})

test('a second Ctrl-C stops at once; the next run names and awaits what still runs', async () => {
  const running = start(cloud, ['migrate'])
  await until('the tool', toolRuns)
  running.signal('SIGINT')
  await until('the first is heard', () => running.said().includes('press Ctrl-C again'))
  running.signal('SIGINT')
  const { code, said } = await ended(running)
  expect(code, said).toBe(1)
  expect(said).toMatch(new RegExp(`stopped immediately; unfinished: ${syncing}\\n {2}\\d+ of \\d+ steps are done`))
  expect(said).toMatch(/next: keystone\/schema-2025\.1 {2}[\s\S]*Continue with: swapctl migrate/)
  expect(await toolRuns()).toBe(true)
  await behave('keystone-manage', 'lie')
  const next = start(cloud, ['migrate'])
  await until('it waits', () => /waiting for process \d+ on target, left by an earlier run/.test(next.said()))
  await light.sh('target', 'systemctl stop swapctl-own-keystone')
  const lied = await ended(next)
  expect(lied.code).toBe(1)
  expect(lied.said).toMatch(/the schema is at .* not at the revision of 2025\.1/)
})

test('a tool that stops half-way fails its step, and the next run starts from a fresh copy', async () => {
  await behave('keystone-manage', 'half')
  const { code, said } = await ended(start(cloud, ['migrate']))
  expect(code, said).toBe(1)
  expect(said).toMatch(
    /keystone\/import-keystone .* with equal definitions\n[\s\S]*keystone\/schema-2025\.1: [\s\S]*exited 1:\n.*the migration broke off/,
  )
})

test("a tool's output is shown without terminal controls and without rows", async () => {
  const words = String.raw`printf 'CRITICAL \033]0;owned\007 $(touch /tmp/owned) \140touch /tmp/owned\140 \377 (1062, "Duplicate entry \047ann@example\047 for key \047PRIMARY\047")\n' >&2; exit 3`
  await light.inside(
    'target',
    ['sh', '-c', 'cat >/usr/local/sbin/keystone-manage; chmod 755 /usr/local/sbin/keystone-manage'],
    {
      stdin: `#!/bin/bash\n${words}\n`,
    },
  )
  const { code, said } = await ended(start(cloud, ['migrate']))
  expect(code, said).toBe(1)
  expect(said).toMatch(/exited 3:\nCRITICAL \\x1b\]0;owned\\x07 \$\(touch/)
  expect(said).toMatch(/Duplicate entry '\[REDACTED\]' for key 'PRIMARY'/)
  await behaveWell()
})

test('a unit that does not start is named, and the same command continues once it is fixed', async () => {
  await behave('keystone-api', 'exit')
  const { code, said } = await ended(start(cloud, ['migrate']))
  expect(code, said).toBe(1)
  expect(said).toMatch(/keystone\/(start|verify): [\s\S]*keystone/)
  await behaveWell()
  expect(await cloud.done('migrate')).toContain('Everything runs on the target; no client reaches it yet')
})

test('revert, stopped twice, continues and restores the source; no name was run as a command', async () => {
  await start1.shut()
  const running = start(cloud, ['revert', '--yes'])
  await start1.reached()
  running.signal('SIGINT')
  await until('the first is heard', () => running.said().includes('press Ctrl-C again'))
  running.signal('SIGINT')
  const { code, said } = await ended(running)
  expect(code, said).toBe(1)
  expect(said).toMatch(/undo unfinished: keystone\/close\n[\s\S]*Continue with: swapctl revert/)
  await start1.open()
  const back = await cloud.done('revert', '--yes')
  expect(back).toContain('The old cloud is back: same as before')
  expect(back).not.toMatch(control)
  for (const machine of ['source', 'target'] as const)
    expect(
      (await light.attempt(machine, ['find', '/tmp', '/root', '/etc/keystone', '-name', 'owned', '-o', '-name', 'x']))
        .stdout,
    ).toBe('')
})
