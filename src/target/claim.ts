import { askMaybe, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { readIdentity } from '../engine/identity.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { directories, ownerFile } from '../places.ts'

export interface Owner {
  readonly swap: string
  /** the source's hostname */
  readonly source: string
  /** id of the state directory that the swap is run from; absent in a claim of an older swapctl */
  readonly id?: string
}

/** The swap that has claimed this target; undefined when none has. */
export const askOwner = (host: Host): Promise<Owner | undefined> => askMaybe(host, owner)

const owner: Question<Owner> = { argv: ['cat', ownerFile], parse: (text) => JSON.parse(text) as Owner }

/** Whether this very swap has claimed the target before: then its content is ours. */
export const isOurs = async ({ config, survey, hosts }: Context): Promise<boolean> => {
  const found = await askOwner(hosts('target'))
  const named = found?.swap === config.name && found.source === survey.source.hostname
  return named && (found.id === undefined || found.id === (await readIdentity(config.state)))
}

const sysctlFile = '/etc/sysctl.d/60-swapctl.conf'

/** Servers on the target must listen at addresses that arrive later; without this setting they would not start. */
const nonlocal = (context: Context): readonly string[] => [
  'net.ipv4.ip_nonlocal_bind',
  ...(context.config.addresses.some((moving) => moving.address.includes(':')) ? ['net.ipv6.ip_nonlocal_bind'] : []),
]

export const claimStep = (context: Context): Step => {
  const { config, survey, hosts } = context
  const mine = { swap: config.name, source: survey.source.hostname }
  return {
    id: 'target/claim',
    phase: 'prepare',
    title: `Claim the target for the swap '${config.name}'`,
    after: [],
    changes: ['target'],
    run: async () => {
      const id = await readIdentity(config.state)
      const owner: Owner = { ...mine, ...(id === undefined ? {} : { id }) }
      return [
        exec('target', 'install', '-d', '-m', '0700', ...directories(config.name)),
        { kind: 'write', on: 'target', path: ownerFile, mode: '0600', content: `${JSON.stringify(owner)}\n` },
        {
          kind: 'write',
          on: 'target',
          path: sysctlFile,
          mode: '0644',
          content: nonlocal(context)
            .map((key) => `${key} = 1\n`)
            .join(''),
        },
        exec('target', 'sysctl', '-q', '-p', sysctlFile),
      ]
    },
    undo: nothing,
    proof: async () => {
      const found = await askOwner(hosts('target'))
      const values = await hosts('target').run({ argv: ['sysctl', '-n', ...nonlocal(context)] })
      if (
        found?.swap !== mine.swap ||
        found.id !== (await readIdentity(config.state)) ||
        !/^1(\n1)*$/.test(values.stdout.trim())
      )
        throw new SwapError('target', `${ownerFile} or ${sysctlFile} did not take effect`, 'Run the same command again')
      return `${ownerFile} names this swap; services can listen on addresses that arrive later`
    },
  }
}
