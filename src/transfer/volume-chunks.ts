import { randomBytes } from 'node:crypto'
import { ask, askMaybe } from '../ask/question.ts'
import type { Action } from '../engine/step.ts'
import type { Host, Hosts } from '../hosts/host.ts'
import { python } from '../hosts/python.ts'
import { programText } from '../text/program.ts'
import { calling } from './calling.ts'
import type { Pair } from './volume-ask.ts'
import { device, growArgv, isRight, labelOf, stageMark, type Volume } from './volumes.ts'

const tellScript = calling('tell', 'volume-tell.py', 'volume-tell.sh')
const hearScript = calling('hear', 'volume-hear.py', 'volume-hear.sh')
const forgetScript = programText('volume-forget.sh', import.meta.url)

/** On the target: how far each copy is. Nobody needs it after a boot. */
const progressDirectory = '/run/swapctl-volumes'

const chunkBytes = 4 << 20

export interface ChunkCopy {
  /** as it is on the source */
  readonly volume: Volume
  /** the target's was just made: what it has is not compared */
  readonly isNew?: boolean
  /** while the source serves, at most so many bytes a second (0: no limit); undefined: it is frozen */
  readonly rate?: number
  /** what the record of this copy is known by */
  readonly word: string
}

export const newWord = (): string => randomBytes(16).toString('hex')

/** Both sides hash the volume's chunks, at the same time; those that differ are sent and written. */
export const chunkAction = ({ volume, isNew = false, rate, word }: ChunkCopy): Action => {
  const path = device(volume)
  const sizes = [String(volume.size), String(chunkBytes)] as const
  const progress = `${progressDirectory}/${volume.group}_${volume.name}`
  const way = rate === undefined ? (['0', 'frozen'] as const) : ([String(rate), 'serving'] as const)
  const idle = rate === undefined ? [] : ['idle']
  return {
    kind: 'pipe',
    from: { on: 'source', argv: ['bash', '-c', tellScript, 'tell', path, ...sizes, ...way] },
    to: {
      on: 'target',
      argv: ['bash', '-c', hearScript, 'hear', ...idle, path, ...sizes, isNew ? 'new' : 'kept', progress, word],
    },
    talk: true,
    what: labelOf(volume),
    bytes: volume.size,
    measure: { on: 'target', argv: ['head', '-n', '1', progress] },
  }
}

/** Brings a volume that the target has up to date; one that `stage` made grows first if it has to. */
export const updateActions = ({ source, target }: Pair, copy: Omit<ChunkCopy, 'volume' | 'isNew'>) => [
  ...(isRight(source, target)
    ? []
    : [{ kind: 'exec', on: 'target', argv: growArgv(source, source.group) } satisfies Action]),
  chunkAction({ ...copy, volume: source }),
]

/** Removes copies that `stage` made, as their mark shows at that moment. */
export const forgetActions = (volumes: readonly Volume[]): readonly Action[] =>
  volumes.map(({ group, name }) => ({
    kind: 'exec',
    on: 'target',
    argv: ['bash', '-c', forgetScript, 'forget', stageMark, `${group}/${name}`],
  }))

/** How a copy by chunks ended. */
export interface Copied {
  /** gone: a source that serves has removed the volume meanwhile */
  readonly end: 'whole' | 'gone'
  /** bytes of the chunks that differed */
  readonly bytes: number
}

/** 'FILE:WORD END BYTES' lines; the key is 'GROUP_NAME'. */
export const parseCopied = (text: string): ReadonlyMap<string, Copied> =>
  new Map(
    [...text.matchAll(/^.*\/([^/:]+):\S+ (whole|gone) (\d+)$/gm)].map(
      ([, name = '', end, bytes]) => [name, { end: end as Copied['end'], bytes: Number(bytes) }] as const,
    ),
  )

/** The copies of one run that have ended. */
export const askCopied = async (target: Host, word: string): Promise<(volume: Volume) => Copied | undefined> => {
  const found = await ask(target, {
    argv: ['grep', '-rsH', '--', word, progressDirectory],
    codes: [1, 2],
    parse: parseCopied,
  })
  return ({ group, name }) => found.get(`${group}_${name}`)
}

const able = (oldest: string): string =>
  `import hashlib, multiprocessing, sys, zlib\nprint(sys.version_info >= (${oldest}))\n`

/** Why volumes cannot be compared by chunks; undefined: they can. */
export const askUnable = async (hosts: Hosts): Promise<string | undefined> => {
  const wanted = { source: '2, 7', target: '3, 3' } as const
  const found = await Promise.all(
    (['source', 'target'] as const).map(async (name) => {
      const argv = ['bash', '-c', python] as const
      const parse = (text: string) => text.trim() === 'True'
      const is = await askMaybe(hosts(name), { argv, stdin: able(wanted[name]), parse })
      return is === true ? [] : [`the ${name} has no Python ${wanted[name].replace(', ', '.')} or newer`]
    }),
  )
  return found.flat().join(', ') || undefined
}
