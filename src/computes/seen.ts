import { parseLinks } from '../ask/addresses.ts'
import { canonical } from '../text/canonical.ts'
import { parseSockets, type Sockets } from './sockets.ts'

export interface Process {
  readonly pid: number
  /** '' when systemd does not know it */
  readonly unit: string
  /** its name, at most 15 characters */
  readonly program: string
  /** its command line; [] where it does not matter */
  readonly words: readonly string[]
}

export interface Unit {
  readonly name: string
  readonly active: boolean
  /** the command line that it starts with */
  readonly words: readonly string[]
}

/** What a compute says of itself. */
export interface Seen {
  readonly addresses: ReadonlySet<string>
  readonly processes: readonly Process[]
  /** installed units */
  readonly units: readonly Unit[]
  readonly sockets: Sockets
  /** external_ids of Open vSwitch */
  readonly switchKeys: ReadonlyMap<string, string>
  /** config files by path; look.sh leaves their comments out */
  readonly files: ReadonlyMap<string, string>
  /** units that an earlier run has still to start again, and those that it started again */
  readonly due: readonly string[]
  readonly restarted: readonly string[]
}

interface Part {
  readonly kind: string
  readonly name: string
  readonly text: string
}

const partsOf = (text: string): readonly Part[] => {
  const words = text.split('\0')
  return Array.from({ length: Math.floor(words.length / 3) }, (_, at) => ({
    kind: words[3 * at] ?? '',
    name: words[3 * at + 1] ?? '',
    text: words[3 * at + 2] ?? '',
  }))
}

/** Parses the output of look.sh, running.sh and files.sh: what a program does not tell of is empty. */
export const seenOf = (text: string): Seen => {
  const parts = partsOf(text)
  const one = (kind: string): string => parts.find((part) => part.kind === kind)?.text ?? ''
  const all = (kind: string): readonly Part[] => parts.filter((part) => part.kind === kind)
  return {
    addresses: new Set(
      parseLinks(one('addresses')).flatMap(({ addresses }) => addresses.map(({ address }) => canonical(address))),
    ),
    processes: all('process').map(processOf),
    units: unitsOf(one('units')),
    sockets: parseSockets(one('sockets')),
    switchKeys: keysOf(one('switch')),
    files: new Map(all('file').map(({ name, text: content }) => [name, content])),
    due: all('due').map(({ name }) => name),
    restarted: all('restarted').map(({ name }) => name),
  }
}

const processOf = ({ name, text }: Part): Process => {
  const [unit = '', program = '', ...words] = text.replace(/\n$/, '').split('\n')
  return { pid: Number(name), unit, program, words: words.filter((word) => word !== '') }
}

/** Blocks of `systemctl show`, separated by an empty line; units that are not installed are left out. */
const unitsOf = (text: string): readonly Unit[] =>
  text.split('\n\n').flatMap((block) => {
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? ''
    if (value('LoadState') !== 'loaded') return []
    const started = /argv\[\]=(.*?) ; /.exec(value('ExecStart'))?.[1] ?? ''
    return [
      {
        name: value('Id').replace(/\.service$/, ''),
        active: value('ActiveState') === 'active',
        words: started.split(' '),
      },
    ]
  })

/** '{hostname=cmp1, ovn-remote="tcp:10.0.0.11:6642,tcp:10.0.0.12:6642"}' */
const keysOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/[{ ]"?([\w.-]+)"?=(?:"([^"]*)"|([^,}]*))/g)].map(([, key = '', long, short]) => [
      key,
      long ?? short ?? '',
    ]),
  )
