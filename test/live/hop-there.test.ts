import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { hopChecks } from '../../src/checks/hops.ts'
import type { HopSetting } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { recipeOf } from '../../src/services/index.ts'
import { neededHops } from '../../src/target/hop-step.ts'
import { thereStep } from '../../src/target/hop-there.ts'
import { mountPoints } from '../../src/target/hops-env.ts'

// Real environments on this machine, looked at and started as on a target. systemd is not here: the stand-in enters a
// tree by chroot, which is what RootDirectory does.
const systemdRun = `#!/bin/bash
while [[ $1 == --* ]]; do
  case $1 in
    --property=RootDirectory=*) root=\${1#*Directory=} ;;
    --property=Environment=*) export "\${1#*Environment=}" ;;
  esac
  shift
done
exec \${root:+chroot "$root"} "$@"
`

let folder: string
let venv: string
let tree: string
let host: Host
const nova = recipeOf('nova')
const glance = recipeOf('glance')

const tool = (says: string, interpreter: string) => `#!${interpreter}\n${says}\n`
const program = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: 0o755 })
}

/** A Python environment as pip makes it: programs that begin with its Python, and directories of metadata. */
const makeVenv = async () => {
  await execa('python3', ['-m', 'venv', '--without-pip', venv])
  await program(
    join(venv, 'bin', 'nova-manage'),
    tool('import sys; sys.exit(0 if "--help" in sys.argv else 3)', `${venv}/bin/python`),
  )
  for (const name of ['nova-26.1.1.dist-info', 'PyMySQL-1.0.2-py3.11.egg-info'])
    await mkdir(join(await packages(), name))
}
const packages = async () => {
  const [python = ''] = await readdir(join(venv, 'lib'))
  return join(venv, 'lib', python, 'site-packages')
}

/** A root tree with a shell, the tools and dpkg's list of packages. */
const makeTree = async () => {
  for (const one of ['/bin/sh', '/usr/bin/env']) {
    const { stdout } = await execa('ldd', [one])
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
    for (const path of [one, ...libraries]) {
      await mkdir(dirname(join(tree, path)), { recursive: true })
      await copyFile(path, join(tree, path))
    }
  }
  for (const path of mountPoints([nova, glance]))
    await (/(passwd|group|hosts)$/.test(path)
      ? program(join(tree, path), '')
      : mkdir(join(tree, path), { recursive: true }))
  for (const name of ['nova', 'glance'])
    await program(join(tree, 'usr', 'bin', `${name}-manage`), tool('exit 0', '/bin/sh'))
  await mkdir(join(tree, 'usr', 'lib', 'python3', 'dist-packages', 'PyMySQL-1.0.2.egg-info'), { recursive: true })
  await installed('2:26.1.0-4')
}
const installed = async (version: string) => {
  const entry = (name: string, of: string) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nMaintainer: x <x@x>\nVersion: ${of}\nDescription: x\n`
  await mkdir(join(tree, 'var', 'lib', 'dpkg'), { recursive: true })
  await writeFile(
    join(tree, 'var/lib/dpkg/status'),
    `${entry('nova-common', version)}\n${entry('glance-common', '2:25.1.0-2')}`,
  )
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hop-there-'))
  await chmod(folder, 0o755)
  await program(join(folder, 'bin', 'systemd-run'), systemdRun)
  const local = localHost()
  const at = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: ['env', `PATH=${folder}/bin:${process.env['PATH']}`, ...argv] as Argv,
  })
  host = { ...local, name: 'target', run: (command) => local.run(at(command)) }
})
beforeEach(async () => {
  ;[venv, tree] = [join(folder, 'venv'), join(folder, 'tree')]
  await rm(venv, { recursive: true, force: true })
  await rm(tree, { recursive: true, force: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const contextOf = (...hops: readonly HopSetting[]): Context =>
  ({
    config: { file: '/s.ini', hops, release: 'epoxy' },
    survey: { services: ['nova', 'glance'].map((name) => ({ name, databases: [{ hops: ['zed', '2025.1'] }] })) },
    hosts: () => host,
    recipes: [nova, glance],
  }) as unknown as Context

/** What `check` says: 'SAYS -> REMEDY'. */
const said = async (context: Context): Promise<readonly string[]> => {
  const found = await Promise.all(hopChecks.map((check) => check.ask(context as CheckContext)))
  return found.flat().map(({ level, says, remedy }) => `${level}: ${says} -> ${remedy}`)
}
const asked = async (recipe: string, hop: HopSetting): Promise<readonly string[]> => {
  const context = contextOf(hop)
  return said({ ...context, recipes: [recipeOf(recipe)] })
}

describe('a Python environment', () => {
  const setting = (): HopSetting => ({ release: 'zed', service: 'nova', venv })
  beforeEach(makeVenv)

  test('of the release is accepted, and prepare tells that its tool starts', async () => {
    expect(await asked('nova', setting())).toEqual([])
    const [hop] = neededHops(contextOf(setting()))
    const step = thereStep(contextOf(setting()), hop ?? expect.fail('no hop'))
    expect(step.id).toBe('hop/zed-nova-venv')
    expect(await step.run()).toEqual([])
    expect(await step.proof?.()).toBe('nova-manage of zed starts in it')
  })

  test('that is not on the target', async () => {
    await rename(venv, `${venv}-away`)
    expect(await asked('nova', setting())).toEqual([
      `block: [hop zed nova] venv = ${venv}: the target has no such directory -> Put the environment there, or correct venv in [hop zed nova] of /s.ini`,
    ])
    await rm(`${venv}-away`, { recursive: true })
  })

  test('of another release, without the tool and without a MySQL driver: all is told at once', async () => {
    await rename(join(await packages(), 'nova-26.1.1.dist-info'), join(await packages(), 'nova-25.0.0.dist-info'))
    await rm(join(await packages(), 'PyMySQL-1.0.2-py3.11.egg-info'), { recursive: true })
    await rm(join(venv, 'bin', 'nova-manage'))
    const [noTool, release, driver, ...more] = await asked('nova', setting())
    expect(noTool).toContain('it has no nova-manage -> Put zed there')
    expect(release).toContain('its nova 25.0.0 is not of zed -> Put zed there')
    expect(driver).toContain(
      `no MySQL driver (pymysql), so its tools cannot log in to MariaDB -> On the target: ${venv}/bin/pip install pymysql`,
    )
    expect(more).toEqual([])
  })

  test("that sees the system's distributions may have the driver there", async () => {
    await rm(join(await packages(), 'PyMySQL-1.0.2-py3.11.egg-info'), { recursive: true })
    await writeFile(join(venv, 'pyvenv.cfg'), 'include-system-site-packages = true\n')
    expect(await asked('nova', setting())).toEqual([])
  })

  test('that was made at another path', async () => {
    await program(join(venv, 'bin', 'nova-manage'), tool('', '/build/venv/bin/python'))
    expect(await asked('nova', setting())).toEqual([
      expect.stringMatching(
        /its nova-manage begins with #!\/build\/venv\/bin\/python, which is not there -> .*make it at/,
      ),
    ])
  })

  test('whose Python is gone', async () => {
    await rm(join(venv, 'bin', 'python'))
    await symlink('/usr/bin/python2.6', join(venv, 'bin', 'python'))
    expect((await asked('nova', setting()))[0]).toContain('it has no /bin/python that leads to a Python of the target')
  })

  test('whose tool does not start', async () => {
    await program(join(venv, 'bin', 'nova-manage'), tool('import oslo_nothing', `${venv}/bin/python`))
    expect(await asked('nova', setting())).toEqual([
      expect.stringMatching(
        /nova-manage exited 1: ModuleNotFoundError: .*oslo_nothing.* -> Start it by hand.*bin\/nova-manage --help/,
      ),
    ])
  })
})

describe('a root tree', () => {
  const setting = (): HopSetting => ({ release: 'zed', tree })
  beforeEach(makeTree)
  const listing = async () => (await readdir(tree, { recursive: true })).sort()

  test('of the release is accepted, and nothing is written into it', async () => {
    const before = await listing()
    expect(await said(contextOf(setting()))).toEqual([])
    expect(await listing()).toEqual(before)
  })

  test('of another release by its packages', async () => {
    await installed('2:25.1.0-1')
    expect(await said(contextOf(setting()))).toEqual([
      expect.stringContaining('its nova-common 2:25.1.0-1 is not of zed'),
    ])
  })

  test('without packages is of the release of its Python distributions', async () => {
    await rm(join(tree, 'var', 'lib', 'dpkg'), { recursive: true })
    const at = join(tree, 'var/lib/kolla/venv/lib/python3.10/site-packages')
    for (const name of ['nova-26.0.0', 'glance-25.0.0']) await mkdir(join(at, `${name}.dist-info`), { recursive: true })
    expect(await said(contextOf(setting()))).toEqual([])
    await rename(join(at, 'glance-25.0.0.dist-info'), join(at, 'glance-26.0.0.dist-info'))
    expect(await said(contextOf(setting()))).toEqual([expect.stringContaining('its glance 26.0.0 is not of zed')])
  })

  test('that lacks what is mounted there is left as it is, with the commands that help', async () => {
    await rm(join(tree, 'etc', 'nova'), { recursive: true })
    await rm(join(tree, 'etc', 'hosts'))
    const before = await listing()
    expect(await said(contextOf(setting()))).toEqual([
      `block: [hop zed] tree = ${tree}: it has no /etc/hosts, /etc/nova, which systemd would make there -> swapctl writes nothing into a tree of yours. On the target: mkdir -p ${tree}/etc/nova; touch ${tree}/etc/hosts`,
    ])
    expect(await listing()).toEqual(before)
  })

  test('whose tool does not start', async () => {
    await program(join(tree, 'usr', 'bin', 'glance-manage'), tool('echo no libmysql >&2; exit 9', '/bin/sh'))
    expect(await said(contextOf(setting()))).toEqual([
      expect.stringMatching(/glance-manage exited 9: no libmysql -> .*chroot .*tree glance-manage --help/),
    ])
  })

  test('for all services but one, which has a Python environment', async () => {
    await makeVenv()
    await rm(join(tree, 'usr', 'bin', 'nova-manage'))
    const hops = neededHops(contextOf(setting(), { release: 'zed', service: 'nova', venv }))
    expect(hops.map(({ title, recipes }) => [title, ...recipes.map(({ name }) => name)])).toEqual([
      ['[hop zed]', 'glance'],
      ['[hop zed nova]', 'nova'],
    ])
    expect(await said(contextOf(setting(), { release: 'zed', service: 'nova', venv }))).toEqual([])
  })
})
