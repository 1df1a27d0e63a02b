import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import { packages } from '../source/facts.ts'
import { stopUnits } from '../source/freeze.ts'
import { ask, askMaybe, lines } from '../source/question.ts'
import { askUnits } from '../source/units.ts'
import { askServiceUnits, idleRoles, shortcomings, wantedPackages } from './installed.ts'

const policyFile = '/usr/sbin/policy-rc.d'
const policy = '#!/bin/sh\n# swapctl prepare: no package starts its service\nexit 101\n'

/** Programs that later steps run on the target, and the packages that have them. */
const tools = ['zstd', 'nftables', 'curl'] as const

const apt = ({ config }: Pick<Context, 'config'>, ...words: readonly string[]): Action => ({
  kind: 'exec',
  on: 'target',
  argv: [
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
    ...words,
  ],
  limit: limitsOf(config).packages,
})

/** eatmydata leaves out the syncs between packages; one sync at the end stands for them. */
const withoutSyncs = (action: Action, present: boolean): Action =>
  present && action.kind === 'exec' ? { ...action, argv: ['eatmydata', ...action.argv] } : action

export const toolsStep = ({ config, hosts }: Context): Step => ({
  id: 'packages/tools',
  phase: 'prepare',
  title: `Install ${tools.join(', ')} on the target`,
  after: ['target/claim'],
  done: async () => {
    const installed = await ask(hosts('target'), packages)
    return tools.every((name) => installed.some((one) => one.name === name)) ? 'all are installed' : undefined
  },
  run: async () => [apt({ config }, 'update'), apt({ config }, 'install', '--no-install-recommends', ...tools)],
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
    after: ['packages/tools'],
    done: async () => ((await wrong()).length === 0 ? `${(await wanted()).length} packages are installed` : undefined),
    run: async () => {
      const names = await wanted()
      const fast = (await hosts('target').run({ argv: ['which', 'eatmydata'] })).code === 0
      return [
        { kind: 'write', on: 'target', path: policyFile, mode: '0755', content: policy },
        apt(context, 'update'),
        withoutSyncs(apt(context, 'install', '--no-install-recommends', ...names), fast),
        exec('target', 'sync'),
        await restorePolicy(context),
      ]
    },
    undo: async () => [await restorePolicy(context)],
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

/** A policy that an administrator had put there comes back; ours goes. */
const restorePolicy = async ({ hosts }: Context): Promise<Action> => {
  const before = await askMaybe(hosts('target'), { argv: ['cat', policyFile], parse: (text) => text })
  return before === undefined || before === policy
    ? { kind: 'remove', on: 'target', path: policyFile }
    : { kind: 'write', on: 'target', path: policyFile, mode: '0755', content: before }
}

/** Nothing of OpenStack may run on the target before its databases are the source's. */
export const quietStep = (context: Context): Step => {
  const { hosts, recipes } = context
  const units = () => askServiceUnits(hosts('target'), recipes)
  const loud = async () => noise(context, await units())
  return {
    id: 'packages/quiet',
    phase: 'prepare',
    title: 'Stop and mask every OpenStack unit of the target',
    after: ['packages/install'],
    done: async () => ((await loud()).length === 0 ? 'all are stopped and masked' : undefined),
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

/** Whatever of OpenStack runs, or could start by itself, on the target. */
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
  // ps exits with 1 both when there is no process and when a user is unknown; only then it complains.
  return [...lines(found.stderr), ...lines(found.stdout).map((line) => `a process of OpenStack runs: ${line.trim()}`)]
}
