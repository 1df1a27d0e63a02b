import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { printed } from './printed.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swapctl-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const refused = (...words: readonly string[]): Promise<unknown> =>
  printed(...words).then(
    (text) => `not refused: ${text}`,
    (error: unknown) => error,
  )

const secret = 'S3cr3t-of-the-test'
const text = `[DEFAULT]\nrpc_backend = rabbit\ndebug = true\n[database]\nconnection = mysql://nova:${secret}@db/nova\n[neutron]\npassword = ${secret}\n`
const way = ['--service', 'nova', '--from', 'queens', '--to', 'epoxy'] as const

describe('config translate', () => {
  test('prints file and decisions without settings, machines or secrets', async () => {
    const path = file('nova.conf', text)
    const told = await printed('config', 'translate', path, ...way)
    expect(told).toContain(`==> ${path}`)
    expect(told).toMatch(/^debug = true$/m)
    expect(told).toMatch(/dropped +\[DEFAULT\] rpc_backend = rabbit: gone in stein/)
    expect(told).toMatch(/rewritten +\[database\] connection = mysql:\/\/\*\*\*@db\/nova -> mysql\+pymysql/)
    expect(told).not.toContain(secret)
  })

  test('--json has the same data; --output writes the complete files, readable by their owner only', async () => {
    const path = file('nova.conf', text)
    const output = join(folder, 'out')
    const told = await printed('config', 'translate', path, ...way, '--output', output, '--json')
    expect(told).not.toContain(secret)
    expect(JSON.parse(told)).toMatchObject({
      service: 'nova',
      from: 'queens',
      to: '2025.1',
      files: [
        {
          file: path,
          decisions: expect.arrayContaining([
            expect.objectContaining({ section: 'DEFAULT', option: 'rpc_backend', fate: 'dropped', from: 'rabbit' }),
          ]),
        },
      ],
    })
    const written = join(output, 'nova.conf')
    expect(readFileSync(written, 'utf8')).toContain(`mysql+pymysql://nova:${secret}@db/nova`)
    expect(statSync(written).mode & 0o777).toBe(0o600)
  })

  test.each([
    [
      'an unknown service',
      ['--service', 'octavia', '--from', 'queens', '--to', 'epoxy'],
      "no service is called 'octavia'",
    ],
    [
      'an unknown release',
      ['--service', 'nova', '--from', 'quince', '--to', 'epoxy'],
      "'quince' is not an OpenStack release",
    ],
    [
      'an unknown target',
      ['--service', 'nova', '--from', 'queens', '--to', 'epoch'],
      "'epoch' is not an OpenStack release",
    ],
    ['a way back', ['--service', 'nova', '--from', 'epoxy', '--to', 'queens'], 'is newer than'],
  ])('refuses %s with exit code 2', async (_what, words, says) => {
    const error = await refused('config', 'translate', file('nova.conf', text), ...words)
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) })
  })

  test('refuses a file that is missing, in another encoding, or not readable by oslo.config, and names the place', async () => {
    const missing = join(folder, 'no.conf')
    expect(await refused('config', 'translate', missing, ...way)).toMatchObject({ exitCode: 2, where: missing })
    const latin = file('latin.conf', Buffer.from('[DEFAULT]\nx = caf\xe9\n', 'latin1'))
    expect(await refused('config', 'translate', latin, ...way)).toMatchObject({
      exitCode: 2,
      where: latin,
      message: expect.stringContaining('UTF-8'),
    })
    const broken = file('broken.conf', `[neutron]\nusername = x\npassword ${secret}\n`)
    const error = await refused('config', 'translate', broken, ...way)
    expect(error).toMatchObject({
      exitCode: 2,
      where: `${broken}, line 3`,
      message: expect.stringContaining('in [neutron] after username'),
    })
    expect((error as Error).message).not.toContain(secret)
  })

  test('refuses two files of the same name that would overwrite each other', async () => {
    const path = file('nova.conf', text)
    const error = await refused('config', 'translate', path, path, ...way, '--output', join(folder, 'out'))
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining('nova.conf') })
  })

  test('--output overwrites no file, and writes none when one is there', async () => {
    const path = file('nova.conf', text)
    const other = file('more.conf', '[DEFAULT]\ndebug = true\n')
    const there = { exitCode: 2, message: expect.stringContaining('there is already such a file') }
    const inPlace = await refused('config', 'translate', path, ...way, '--output', folder)
    expect(inPlace).toMatchObject({ ...there, where: path })
    expect(readFileSync(path, 'utf8')).toBe(text)
    for (const name of ['more.conf', 'more.conf.new']) {
      const output = mkdtempSync(join(folder, 'out-'))
      symlinkSync(join(folder, 'nowhere'), join(output, name))
      const error = await refused('config', 'translate', path, other, ...way, '--output', output)
      expect(error).toMatchObject({ ...there, where: join(output, name) })
      expect(readdirSync(output)).toEqual([name])
    }
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  test('a missing option is a usage error', async () => {
    const path = file('nova.conf', text)
    const error = await refused('config', 'translate', path, '--service', 'nova', '--from', 'queens')
    expect(error).toMatchObject({ code: 'commander.missingMandatoryOptionValue' })
    for (const services of [[], ['--service', 'nova', '--service', 'cinder']])
      expect(
        await refused('config', 'translate', path, ...services, '--from', 'queens', '--to', 'epoxy'),
      ).toMatchObject({
        exitCode: 2,
        where: '--service',
      })
  })

  test('--decisions is applied; one that matches nothing or a missing file is refused with its place', async () => {
    const path = file('nova.conf', text)
    const good = file('good.ini', '[nova DEFAULT debug]\ndecision = set false\nreason = too loud\n')
    const told = await printed('config', 'translate', path, ...way, '--decisions', good)
    expect(told).toMatch(/^debug = false$/m)
    expect(told).toMatch(/set +\[DEFAULT\] debug = true -> false: decided by the operator: too loud/)
    const bad = file('bad.ini', '# mine\n[nova DEFAULT debugg]\ndecision = drop\nreason = x\n')
    expect(await refused('config', 'translate', path, ...way, '--decisions', bad)).toMatchObject({
      exitCode: 2,
      where: `${bad}, line 2`,
      message: expect.stringContaining('[nova DEFAULT debugg]'),
    })
    expect(await refused('config', 'translate', path, ...way, '--decisions', join(folder, 'no.ini'))).toMatchObject({
      exitCode: 2,
      where: join(folder, 'no.ini'),
    })
  })
})

describe('config', () => {
  test('needs settings, and refuses an unknown service before it reads them', async () => {
    expect(await refused('config')).toMatchObject({ exitCode: 2, where: '/nowhere/swapctl.ini' })
    expect(await refused('config', '--service', 'octavia', '--diff')).toMatchObject({
      exitCode: 2,
      message: "no service is called 'octavia'",
    })
  })

  test('an unknown subcommand is a usage error', async () => {
    expect(await refused('config', 'transalte')).toMatchObject({ code: expect.stringMatching(/^commander\./) })
  })
})
