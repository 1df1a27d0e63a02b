import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { encode } from '../hosts/text.ts'
import type { Use } from '../services/agent.ts'
import { canonical } from '../text/canonical.ts'
import { placesIn } from '../text/hosts-in.ts'
import { type ConfFile, isOption, type Option, parse, render } from '../transfer/oslo-conf.ts'
import type { Present } from './agents.ts'
import { rewriteHosts, type Span, withSpans } from './hosts-written.ts'
import { type InForce, inForceOf, optionName } from './leads.ts'
import { directionOf, type Ways } from './where.ts'

/** What an old address of the source becomes; undefined: the target has no address in its place. */
export type NewAddress = (address: string) => string | undefined

/** An option that leads to the old controller. */
export interface Behind extends InForce {
  /** agents that read it */
  readonly by: readonly string[]
}

/** One option that is rewritten. */
export interface Change {
  readonly file: string
  readonly option: string
  readonly use: Use
  readonly by: readonly string[]
  /** the old addresses that it names */
  readonly from: readonly string[]
  /** as written before and after: with secrets */
  readonly before: string
  readonly after: string
  /** where it leads afterwards, as far as it leads there */
  readonly to: readonly { readonly host: string; readonly port?: number }[]
}

/** A settings file and the bytes that are replaced in it. */
export interface FileEdit {
  readonly path: string
  /** sha256 of the file before and after */
  readonly old: string
  readonly wrote: string
  /** `start` and `length` count bytes */
  readonly spans: readonly Span[]
}

/** An option that is left as it is, and why. */
export interface Unsafe {
  readonly file: string
  readonly option: string
  readonly by: readonly string[]
  readonly why: string
}

export interface Edits {
  readonly changes: readonly Change[]
  readonly edits: readonly FileEdit[]
  readonly unsafe: readonly Unsafe[]
}

/** What the addresses of one compute mean. */
export interface Meaning {
  readonly ways: Ways
  /** the compute's own addresses */
  readonly own: ReadonlySet<string>
  /** what each name resolves to there */
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly to: NewAddress
}

const isOld = (host: string, { names, own, ways }: Omit<Meaning, 'to'>): boolean =>
  directionOf(isIP(host) === 0 ? (names.get(host) ?? []) : [host], own, ways) === 'stays behind'

/** The options in force that lead to an own address of the source, each once. */
export const behindOf = (
  present: readonly Present[],
  parsed: ReadonlyMap<string, ConfFile>,
  meaning: Omit<Meaning, 'to'>,
): readonly Behind[] => {
  const found = new Map<string, Behind>()
  for (const one of present)
    for (const setting of inForceOf(one, parsed)) {
      if (!placesIn(setting.value).some(({ host }) => isOld(host, meaning))) continue
      const key = [setting.file, setting.section, setting.name, setting.multi ? setting.written : ''].join('\0')
      found.set(key, { ...setting, by: [...new Set([...(found.get(key)?.by ?? []), one.agent.name])] })
    }
  return [...found.values()]
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const bytes = (text: string): number => encode(text).length

/** Where an option's value begins in the option's own text; undefined: it is not on one line. */
const valueAt = ({ raw, text }: Option): number | undefined => {
  const at = raw.indexOf(text, raw.search(/[=:]/) + 1)
  return text === '' || text.includes('\n') || at < 0 ? undefined : at
}

/** Why the hosts of this option cannot be replaced where they are written. */
const whyNot = ({ written, value }: Behind, option: Option | undefined): string | undefined => {
  if (option === undefined) return 'it was changed while swapctl read it'
  if (valueAt(option) === undefined) return 'its value is spread over several lines'
  const hosts = (text: string): string => JSON.stringify(placesIn(text))
  return hosts(written) === hosts(value) ? undefined : 'other options are filled in where it names its host'
}

const nameText = (name: string, { names }: Meaning): string =>
  `${name} is a name for ${(names.get(name) ?? []).join(', ')}: let it resolve to the target's address there, or write the address`

/** One option: its spans count bytes from its own beginning. */
interface Outcome {
  readonly whys: readonly string[]
  readonly done?: { readonly option: Option; readonly change: Change; readonly spans: readonly Span[] }
}

const outcomeOf = (one: Behind, parts: ConfFile['parts'], meaning: Meaning): Outcome => {
  const all = parts.filter((part): part is Option => isOption(part, one.section, one.name))
  const option = one.multi ? all.find(({ value }) => value === one.written) : all.at(-1)
  const old = [...new Set(placesIn(one.value).map(({ host }) => host))].filter((host) => isOld(host, meaning))
  const addresses = old.filter((host) => isIP(host) !== 0)
  const whys = old.filter((host) => isIP(host) === 0).map((name) => nameText(name, meaning))
  if (addresses.length === 0) return { whys }
  const replacing = (host: string): string | undefined =>
    addresses.includes(host) || (isIP(host) !== 0 && isOld(host, meaning)) ? meaning.to(canonical(host)) : undefined
  const lost = addresses.find((host) => replacing(host) === undefined)
  const why = lost === undefined ? whyNot(one, option) : `the target has no address in the place of ${lost}`
  if (why !== undefined || option === undefined) return { whys: [...whys, why ?? ''] }
  const result = rewriteHosts(option.text, one.use, replacing)
  if ('why' in result) return { whys: [...whys, result.why] }
  const after = withSpans(option.text, result.spans)
  const targets = addresses.flatMap((host) => replacing(host) ?? [])
  const change = {
    file: one.file,
    option: optionName(one),
    use: one.use,
    by: one.by,
    from: addresses,
    before: `${one.name} = ${option.text}`,
    after: `${one.name} = ${after}`,
    to: placesIn(after).filter(({ host }) => targets.includes(host)),
  }
  return { whys, done: { option, change, spans: result.spans.map((span) => inRaw(option, span)) } }
}

const inRaw = (option: Option, { start, length, text }: Span): Span => ({
  start: bytes(option.raw.slice(0, valueAt(option))) + bytes(option.text.slice(0, start)),
  length: bytes(option.text.slice(start, start + length)),
  text,
})

/** What has to be done to one file, of which these options lead to the old controller. */
const fileEdits = (path: string, text: string, behind: readonly Behind[], meaning: Meaning): Edits => {
  const { parts } = parse(text, path)
  const outcomes = behind.map((one) => ({ one, ...outcomeOf(one, parts, meaning) }))
  const done = outcomes.flatMap((outcome) => outcome.done ?? [])
  const before = (option: Option): number => bytes(render({ parts: parts.slice(0, parts.indexOf(option)) }))
  const spans = done
    .flatMap(({ option, spans: own }) => {
      const at = before(option)
      return own.map((span) => ({ ...span, start: at + span.start }))
    })
    .toSorted((one, other) => one.start - other.start)
  return {
    changes: done.map(({ change }) => change),
    edits: spans.length === 0 ? [] : [{ path, old: sha256(encode(text)), wrote: sha256(inBytes(text, spans)), spans }],
    unsafe: outcomes.flatMap(({ one, whys }) =>
      whys.map((why) => ({ file: path, option: optionName(one), by: one.by, why })),
    ),
  }
}

/** What has to be done so that these options lead to the target. `files`: the whole text of their files by path. */
export const editsOf = (behind: readonly Behind[], files: ReadonlyMap<string, string>, meaning: Meaning): Edits => {
  const all = [...new Set(behind.map(({ file }) => file))].map((path) =>
    fileEdits(
      path,
      files.get(path) ?? '',
      behind.filter(({ file }) => file === path),
      meaning,
    ),
  )
  return {
    changes: all.flatMap(({ changes }) => changes),
    edits: all.flatMap(({ edits }) => edits),
    unsafe: all.flatMap(({ unsafe }) => unsafe),
  }
}

const inBytes = (text: string, spans: readonly Span[]): Buffer => {
  const all = encode(text)
  let at = 0
  const parts: Buffer[] = []
  for (const { start, length, text: by } of spans) {
    parts.push(all.subarray(at, start), Buffer.from(by))
    at = start + length
  }
  return Buffer.concat([...parts, all.subarray(at)])
}
