import { request } from '../api.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { unitStates } from '../source/facts.ts'
import { ask, askMaybe } from '../source/question.ts'
import { sourceUnits } from '../source/units.ts'
import { askLinks, holdingOf, linkOf } from './addresses.ts'
import { askHolders } from './announce.ts'
import { askEndpoints } from './endpoints.ts'
import { askStopped } from './fence-proof.ts'
import { persistenceFindings } from './persist.ts'

/** Everything that must be true in the moment before the addresses move; all findings at once. Reads only. */
export const cutoverFindings = async (context: Context): Promise<readonly Finding[]> =>
  (
    await Promise.all([
      placeFindings(context),
      unitFindings(context),
      answerFindings(context),
      sshFindings(context),
      fenceFindings(context),
      persistenceFindings(context),
    ])
  ).flat()

const block = (id: string, says: string, remedy: string): Finding => ({
  id: `cutover/${id}`,
  level: 'block',
  says,
  remedy,
})

/** On the source's interface, on the target's loopback, and answered for by nobody else. */
const placeFindings = async ({ config, hosts }: Context): Promise<readonly Finding[]> => {
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const found = await Promise.all(
    config.addresses.map(async (moving) => {
      const { address, name, sourceInterface, targetInterface } = moving
      const held = holdingOf(source, address).interface?.name
      if (held !== sourceInterface)
        return block(`place-${name}`, `source: ${address} is not on ${sourceInterface}`, 'See swapctl status')
      if (linkOf(target, targetInterface) === undefined)
        return block(`place-${name}`, `target: no interface ${targetInterface}`, `Mend [address ${name}]`)
      if (!holdingOf(target, address).loopback)
        return block(`hold-${name}`, `target: ${address} is not held on its loopback`, 'Run: swapctl revert, migrate')
      const strangers = (await askHolders(hosts('target'), address, targetInterface)).filter(
        (mac) => !source.some((link) => link.mac === mac),
      )
      return strangers.length === 0
        ? undefined
        : block(`conflict-${name}`, `${address} is also answered for by ${strangers.join(', ')}`, 'Take it from there')
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** A service of the old controller that runs, or wakes at its next boot, would follow the address to the new queue. */
export const unitFindings = async ({ hosts, recipes }: Context): Promise<readonly Finding[]> => {
  const names = sourceUnits(recipes).map((name) => `${name}.service`)
  if (names.length === 0) return []
  const units = (await ask(hosts('source'), unitStates(names))).filter((unit) => unit.load !== 'not-found')
  const running = units.filter((unit) => !['inactive', 'failed'].includes(unit.active))
  // masked-runtime is not enough: it is gone after a boot.
  const waking = units.filter((unit) => unit.file !== 'masked')
  return [
    ...(running.length === 0
      ? []
      : [block('running', `source: running again: ${running.map((it) => it.unit).join(', ')}`, stopRemedy)]),
    ...(waking.length === 0
      ? []
      : [block('waking', `source: would start at boot: ${waking.map((it) => it.unit).join(', ')}`, maskRemedy)]),
  ]
}

const stopRemedy = 'Stop and mask them: their data has been carried away, and what they write now is lost'
const maskRemedy = 'systemctl mask them on the source (swapctl revert unmasks what migrate masked)'

/** Each API of the catalog, asked by the target of itself under the address that is about to move. */
export const answerFindings = async (context: Context): Promise<readonly Finding[]> => {
  const target = context.hosts('target')
  const endpoints = await askEndpoints(context)
  const found = await Promise.all(
    endpoints.map(async ({ name, url }) => {
      const says = await request(target, url, { limit: 20 }).then(
        ({ status }) => (status > 0 && status < 500 ? undefined : `answers ${status}`),
        (error: unknown) => (error instanceof SwapError ? error.message : String(error)),
      )
      return says === undefined
        ? undefined
        : block(`answer-${name}`, `target: ${url}: ${says}`, "Read the service's log")
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** ssh that runs through an address that moves would be cut off by the move. */
const sshFindings = async ({ config, hosts }: Context): Promise<readonly Finding[]> => {
  const names: readonly HostName[] = ['source', 'target']
  const found = await Promise.all(
    names.map(async (name) => {
      const [, , reached] =
        (await askMaybe(hosts(name), {
          argv: ['printenv', 'SSH_CONNECTION'],
          parse: (text) => text.trim().split(' '),
        })) ?? []
      const through = config.addresses.find((moving) => moving.address === reached)
      return through === undefined
        ? undefined
        : block(
            `ssh-${name}`,
            `swapctl reaches the ${name} through ${reached}, which moves`,
            `Give [${name}] host another address`,
          )
    }),
  )
  return found.filter((one) => one !== undefined)
}

const fenceFindings = async ({ hosts }: Context): Promise<readonly Finding[]> => {
  const names: readonly HostName[] = ['source', 'target']
  const counts = await Promise.all(names.map((name) => askStopped(hosts(name))))
  return names.flatMap((name, index) =>
    counts[index] === undefined
      ? [
          block(
            `fence-${name}`,
            `${name}: the fence is down`,
            'Was the machine booted? Put it up again: swapctl revert, migrate',
          ),
        ]
      : [],
  )
}
