import { type Entry, newestFirst, stateOf, undoOf } from '../engine/journal.ts'
import type { Action } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import type { Fingerprint } from '../source/fingerprint.ts'

/** What the swap itself has changed on the source since the fingerprint, and not undone. */
export interface Changed {
  /** files it has written, from the recorded undos */
  readonly files: ReadonlySet<string>
  /** units it has masked since; the undo unmasks them */
  readonly masked: ReadonlySet<string>
  /** where the moving addresses must be; 'either' while a move is half done */
  readonly moving: 'source' | 'target' | 'either'
}

const moveId = 'cutover/move'

/** `names`: the journal's names for one machine of the source. */
export const changedBySwap = (entries: readonly Entry[], names: readonly HostName[] = ['source']): Changed => {
  const open = newestFirst({ entries })
  const undosOf = (ids: readonly string[]) =>
    ids.flatMap((id) => undoOf({ entries }, id) ?? []).filter((action) => 'on' in action && names.includes(action.on))
  const move = stateOf({ entries }, moveId)
  const written = undosOf(open).flatMap((action) =>
    action.kind === 'write' || action.kind === 'remove' ? [action.path] : [],
  )
  // Units masked by the freeze are part of the fingerprint.
  const masked = undosOf(open.filter((id) => id.startsWith('cutover/'))).flatMap(unmasked)
  return {
    files: new Set([...written, ...masked.map((unit) => `/etc/systemd/system/${unit}.service`)]),
    masked: new Set(masked),
    moving: move === 'done' ? 'target' : move === 'begun' || move === 'failed' ? 'either' : 'source',
  }
}

const unmasked = (action: Action): readonly string[] => {
  if (action.kind !== 'exec') return []
  const [program, verb, ...units] = action.argv
  return program === 'systemctl' && verb === 'unmask'
    ? units.flatMap((word) => (word.startsWith('-') ? [] : [word.replace(/\.service$/, '')]))
    : []
}

export interface Known extends Changed {
  /** the moving addresses */
  readonly addresses: readonly string[]
}

export interface SourceChange {
  readonly what: 'table' | 'file' | 'unit' | 'address'
  readonly name: string
  readonly says: string
}

type Parts = Pick<Fingerprint, 'files' | 'units' | 'addresses'> & { readonly tables?: Fingerprint['tables'] }

/** Every table, file, unit and address that differs, apart from the swap's own changes. */
export const compareFingerprints = (before: Parts, after: Parts, known: Known): readonly SourceChange[] => [
  ...compare('table', before.tables ?? {}, after.tables ?? {}, () => 'changed since the freeze'),
  ...compare('file', before.files, after.files, fileText).filter(({ name }) => !known.files.has(name) && !isOwn(name)),
  ...compare('unit', before.units, after.units, became).filter(
    ({ name }) => !(known.masked.has(name) && after.units[name] === 'masked'),
  ),
  ...compareAddresses(before.addresses, after.addresses, known),
]

/** swapctl's own units come and go with its steps. */
const isOwn = (path: string): boolean => /\/swapctl-[^/]*$/.test(path)

const became = (a: string, b: string): string => `was ${a} at the freeze and is ${b}`

/** A person can use mode and owner, but not a hash. */
const fileText = (a: string, b: string): string => {
  const [[hash, ...rest], [other, ...others]] = [a.split(' '), b.split(' ')]
  return hash === other ? became(rest.join(' '), others.join(' ')) : 'changed since the freeze'
}

const compare = (
  what: SourceChange['what'],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  changed: (a: string, b: string) => string,
): readonly SourceChange[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [a, b] = [before[name], after[name]]
    if (a === b) return []
    const says =
      b === undefined
        ? 'existed at the freeze and is gone'
        : a === undefined
          ? 'is new since the freeze'
          : changed(a, b)
    return [{ what, name, says }]
  })

/** An address that has moved must not be back on the source. */
const compareAddresses = (
  before: Parts['addresses'],
  after: Parts['addresses'],
  known: Known,
): readonly SourceChange[] => {
  const moves = (name: string): boolean => known.moving !== 'source' && known.addresses.includes(name)
  const back = known.moving === 'target' ? known.addresses.filter((name) => after[name] !== undefined) : []
  return [
    ...compare('address', before, after, (a, b) => became(`on ${a}`, `on ${b}`)).filter(({ name }) => !moves(name)),
    ...back.map(
      (name): SourceChange => ({
        what: 'address',
        name,
        says: `has moved to the target but is on ${after[name]} again`,
      }),
    ),
  ]
}
