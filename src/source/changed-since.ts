import { type Entry, newestFirst, stateOf, undoOf } from '../engine/journal.ts'
import type { Fingerprint } from './fingerprint.ts'

/** What the swap itself has changed on the source since the fingerprint was taken, and has not taken back. */
export interface Changed {
  /** files that it has written: their undo says which */
  readonly files: ReadonlySet<string>
  /** where the addresses that move have to be; 'either' while a move is half done */
  readonly moving: 'source' | 'target' | 'either'
}

const moveId = 'cutover/move'

/** Pure. */
export const changedBySwap = (entries: readonly Entry[]): Changed => {
  const undos = newestFirst({ entries }).flatMap((id) => undoOf({ entries }, id) ?? [])
  const move = stateOf({ entries }, moveId)
  return {
    files: new Set(
      undos.flatMap((action) =>
        (action.kind === 'write' || action.kind === 'remove') && action.on === 'source' ? [action.path] : [],
      ),
    ),
    moving: move === 'done' ? 'target' : move === 'begun' || move === 'failed' ? 'either' : 'source',
  }
}

export interface Known extends Changed {
  /** the addresses that move */
  readonly addresses: readonly string[]
}

export interface Found {
  readonly what: 'table' | 'file' | 'unit' | 'address'
  readonly name: string
  readonly says: string
}

type Parts = Pick<Fingerprint, 'files' | 'units' | 'addresses'> & { readonly tables?: Fingerprint['tables'] }

/** Every table, file, unit and address that is not what it was, apart from what the swap itself has done. Pure. */
export const compareFingerprints = (before: Parts, after: Parts, known: Known): readonly Found[] => [
  ...compare('table', before.tables ?? {}, after.tables ?? {}, () => 'changed since the freeze'),
  ...compare('file', before.files, after.files, fileText).filter(({ name }) => !known.files.has(name) && !isOwn(name)),
  ...compare('unit', before.units, after.units, became),
  ...compareAddresses(before.addresses, after.addresses, known),
]

/** Units of swapctl's, which come and go with its steps. */
const isOwn = (path: string): boolean => /\/swapctl-[^/]*$/.test(path)

const became = (a: string, b: string): string => `was ${a} at the freeze and is ${b}`

/** A file's hash says nothing to a person; its mode and owner do. */
const fileText = (a: string, b: string): string => {
  const [[hash, ...rest], [other, ...others]] = [a.split(' '), b.split(' ')]
  return hash === other ? became(rest.join(' '), others.join(' ')) : 'changed since the freeze'
}

const compare = (
  what: Found['what'],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  changed: (a: string, b: string) => string,
): readonly Found[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [a, b] = [before[name], after[name]]
    if (a === b) return []
    const says =
      b === undefined
        ? 'was there at the freeze and is gone'
        : a === undefined
          ? 'is new since the freeze'
          : changed(a, b)
    return [{ what, name, says }]
  })

/** An address that has moved must not be seen on the source again. */
const compareAddresses = (before: Parts['addresses'], after: Parts['addresses'], known: Known): readonly Found[] => {
  const moves = (name: string): boolean => known.moving !== 'source' && known.addresses.includes(name)
  const back = known.moving === 'target' ? known.addresses.filter((name) => after[name] !== undefined) : []
  return [
    ...compare('address', before, after, (a, b) => became(`on ${a}`, `on ${b}`)).filter(({ name }) => !moves(name)),
    ...back.map(
      (name): Found => ({ what: 'address', name, says: `has moved to the target and is on ${after[name]} again` }),
    ),
  ]
}
