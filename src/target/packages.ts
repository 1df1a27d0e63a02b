import { packages } from '../ask/facts.ts'
import { ask, lines } from '../ask/question.ts'
import { askUnits } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Of, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import { stopUnits } from '../source/freeze.ts'
import { asideMark, isAside, putAside, takeBack } from './aside.ts'
import { askServiceUnits, idleRoles, shortcomings, wantedPackages } from './installed.ts'

const policyFile = '/usr/sbin/policy-rc.d'
const policy = `#!/bin/sh\n${asideMark}\n# no package starts its service (invoke-rc.d(8))\nexit 101\n`

/** Programs that later steps run on the target, and their packages. */
const tools = ['zstd', 'nftables', 'curl'] as const

/** Where apt writes its progress: apt.conf(5), APT::Status-Fd; format: apt's README.progress-reporting. */
const statusFile = '/run/swapctl-apt.status'

/** 'dlstatus:12:34.5:Retrieving file 12 of 400' or 'pmstatus:nova-api:45.3:Configuring nova-api' -> '45.3 Configuring nova-api' */
const lastStatus = '/^(dl|pm)status:/ { percent = $3; words = $4 } END { if (words != "") print percent, words }'

const apt = (...words: readonly string[]): Of<'exec'> => ({
  kind: 'exec',
  on: 'target',
  argv: [
    'sh',
    '-c',
    'exec 3>"$0"; exec "$@"',
    statusFile,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-y',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Options::=--force-confdef',
    '-o',
    'Dpkg::Options::=--force-confold',
    '-o',
    'APT::Status-Fd=3',
    ...words,
  ],
  watch: { on: 'target', argv: ['awk', '-F:', lastStatus, statusFile] },
})

/** eatmydata skips the syncs between packages; one sync at the end replaces them. */
const withoutSyncs = (action: Of<'exec'>, present: boolean): Action =>
  present ? { ...action, argv: ['eatmydata', ...action.argv] } : action

export const toolsStep = ({ hosts }: Context): Step => ({
  id: 'packages/tools',
  phase: 'prepare',
  title: `Install ${tools.join(', ')} on the target`,
  after: ['target/claim'],
  done: async () => {
    const installed = await ask(hosts('target'), packages)
    return tools.every((name) => installed.some((one) => one.name === name)) ? 'all installed' : undefined
  },
  changes: ['target'],
  run: async () => [apt('update'), apt('install', '--no-install-recommends', ...tools)],
  undo: nothing,
})

export const installStep = (context: Context): Step => {
  const { hosts, recipes } = context
  const wanted = async () => wantedPackages(recipes, await ask(hosts('source'), packages))
  const wrong = async () => shortcomings(context, await ask(hosts('target'), packages), await wanted())
  return {
    id: 'packages/install',
    phase: 'prepare',
    title: `Install MariaDB, RabbitMQ, memcached and OpenStack ${context.config.release} on the target`,
    seconds: 120,
    after: ['packages/tools'],
    done: async () =>
      (await wrong()).length === 0 && !(await isAside(hosts('target'), policyFile))
        ? `${(await wanted()).length} packages are installed`
        : undefined,
    changes: ['target'],
    run: async () => {
      const names = await wanted()
      const fast = (await hosts('target').run({ argv: ['which', 'eatmydata'] })).code === 0
      return [
        putAside(policyFile),
        { kind: 'write', on: 'target', path: policyFile, mode: '0755', content: policy },
        apt('update'),
        withoutSyncs(apt('install', '--no-install-recommends', ...names), fast),
        exec('target', 'sync'),
        takeBack(policyFile),
      ]
    },
    undo: async () => [takeBack(policyFile)],
    proof: async () => {
      const complaints = [...(await wrong()), ...idleRoles(recipes, await askServiceUnits(hosts('target'), recipes))]
      if (complaints.length > 0)
        throw new SwapError(
          'target',
          complaints.join('\n  '),
          `Point apt on the target at the packages of ${context.config.release}, then run the same command again`,
        )
      return `${(await wanted()).length} packages of ${context.config.release} installed, none started its service`
    },
  }
}

/** Nothing of OpenStack may run on the target before it has the source's databases. */
export const quietStep = (context: Context): Step => {
  const { hosts, recipes } = context
  const units = () => askServiceUnits(hosts('target'), recipes)
  const loud = async () => noise(context, await units())
  return {
    id: 'packages/quiet',
    phase: 'prepare',
    title: 'Stop and mask every OpenStack unit of the target',
    after: ['packages/install'],
    done: async () => ((await loud()).length === 0 ? 'all stopped and masked' : undefined),
    changes: ['target'],
    run: async () => {
      const all = (await units()).map((unit) => `${unit}.service`)
      return [...stopUnits('target', all), exec('target', 'systemctl', 'mask', ...all)]
    },
    undo: nothing,
    proof: async () => {
      const complaints = await loud()
      if (complaints.length > 0)
        throw new SwapError('target', complaints.join('\n  '), 'Stop it by hand, then run the same command again')
      return `${(await units()).length} units masked, no process of ${recipes.map((recipe) => recipe.user).join(', ')}`
    },
  }
}

/** OpenStack units and processes that run, or could start by themselves, on the target. */
const noise = async ({ hosts, recipes }: Context, units: readonly string[]): Promise<readonly string[]> => {
  const states = await askUnits(hosts('target'), units)
  return [
    ...states.filter((unit) => unit.active).map((unit) => `${unit.name} is active`),
    ...states.filter((unit) => !unit.masked).map((unit) => `${unit.name} is not masked`),
    ...(await askProcesses(hosts('target'), recipes)),
  ]
}

const askProcesses = async (host: Host, recipes: readonly Recipe[]): Promise<readonly string[]> => {
  const users = recipes.map((recipe) => recipe.user).join(',')
  const found = await host.run({ argv: ['ps', '-o', 'user=,pid=,comm=', '-u', users] })
  // ps exits 1 both when there is no process and for an unknown user; only the latter prints an error.
  return [
    ...lines(found.stderr),
    ...lines(found.stdout).map((line) => `an OpenStack process is running: ${line.trim()}`),
  ]
}
