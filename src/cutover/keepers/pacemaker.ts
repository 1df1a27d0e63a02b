import type { MovingAddress } from '../../config.ts'
import type { Argv } from '../../hosts/host.ts'
import { names } from '../same-address.ts'
import type { Part } from './keeper.ts'

/** A pacemaker resource that sets an address. */
export interface Resource {
  readonly id: string
  /** its meta attribute in the cluster's configuration; undefined: absent, which means managed */
  readonly isManaged?: string
  /** it has no meta attributes at all: crm_resource adds their element, and leaves it there */
  readonly plain?: true
}

/** An attribute of an element, in any order. */
const attribute = (element: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1]

const pairsOf = (primitive: string): readonly (readonly [string, string])[] =>
  [...primitive.matchAll(/<nvpair\b[^>]*>/g)].map(([one]) => [
    attribute(one, 'name') ?? '',
    attribute(one, 'value') ?? '',
  ])

/** The cluster's primitives that have the address as a value, except those that are already unmanaged. */
export const resourcesIn = ({ lines }: Part, { address }: MovingAddress): readonly Resource[] =>
  lines
    .join('\n')
    .split(/(?=<primitive )/)
    .filter((one) => one.startsWith('<primitive '))
    .map((one) => one.slice(0, (one.indexOf('</primitive>') + 1 || one.length + 1) - 1))
    .filter((one) => pairsOf(one).some(([, value]) => names(value, address)))
    .map((one) => {
      const isManaged = pairsOf(one).find(([name]) => name === 'is-managed')?.[1]
      return {
        id: attribute(one, 'id') ?? '',
        ...(isManaged === undefined ? {} : { isManaged }),
        ...(one.includes('<meta_attributes') ? {} : { plain: true as const }),
      }
    })
    .filter(({ isManaged }) => isManaged !== 'false')

/** pacemaker neither starts, stops nor monitors an unmanaged resource, not even at boot (crm_resource(8)). */
export const managing = (id: string, value: string): Argv => [
  'crm_resource',
  '--resource',
  id,
  '--meta',
  '--set-parameter',
  'is-managed',
  '--parameter-value',
  value,
]

/** The undo: restores the attribute, or removes it. */
export const managingAgain = ({ id, isManaged, plain }: Resource): readonly Argv[] => {
  if (isManaged !== undefined) return [managing(id, isManaged)]
  const empty = `//primitive[@id='${id}']/meta_attributes[@id='${id}-meta_attributes' and not(*)]`
  return [
    ['crm_resource', '--resource', id, '--meta', '--delete-parameter', 'is-managed'],
    ...(plain === true ? [['cibadmin', '--delete', '--xpath', empty] as const] : []),
  ]
}
