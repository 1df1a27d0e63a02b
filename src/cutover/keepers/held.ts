import { ask, type Question } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host } from '../../hosts/host.ts'
import { script } from './ask-script.ts'
import type { Keeper } from './keeper.ts'
import { partsOf } from './keepers.ts'
import { type Resource, resourcesIn } from './pacemaker.ts'
import { type Vrrp, vrrpOf } from './vrrp.ts'

/** What holds the addresses on a machine of the source and releases them on swapctl's command. */
export interface Held {
  readonly vrrp?: Vrrp
  /** of the machine's cluster, without duplicates */
  readonly resources: readonly Resource[]
}

/** Parses the output of keepers.sh. */
export const heldIn = (text: string, moving: readonly MovingAddress[]): Held => {
  const parts = partsOf(text)
  const vrrp = vrrpOf(parts, moving)
  const cluster = parts.filter(({ kind, path }) => kind === 'pacemaker' && path === 'cib')
  const resources = cluster.flatMap((part) => moving.flatMap((one) => resourcesIn(part, one)))
  return {
    ...(vrrp === undefined ? {} : { vrrp }),
    resources: [...new Map(resources.map((one) => [one.id, one])).values()],
  }
}

const question = (moving: readonly MovingAddress[]): Question<Held> => ({
  argv: ['sh', '-c', script, 'keepers', moving[0]?.address ?? ''],
  parse: (text) => heldIn(text, moving),
})

export const askHeld = (host: Host, moving: readonly MovingAddress[]): Promise<Held> => ask(host, question(moving))

/** Whether the cutover itself makes a keeper release the address, so that no file has to change. */
export const givesUp = ({ vrrp }: Held, { by }: Keeper): boolean =>
  by === 'pacemaker' || (by === 'keepalived' && vrrp !== undefined && vrrp.refused === undefined)
