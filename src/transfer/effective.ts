import { posix } from 'node:path'
import { ask, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'
import { type ConfFile, get, parse } from './oslo-conf.ts'

const script = programText('effective.sh', import.meta.url)

/** The main file, then the drop-in files of the directories beside it, by name. */
const filesOf = (path: string): Question<ReadonlyMap<string, string>> => ({
  argv: ['bash', '-c', script, 'read', posix.dirname(path), path],
  parse: (text) => {
    const words = text.split('\0')
    return new Map(words.slice(0, -1).flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])))
  },
})

/**
 * A service's effective settings: its file and the drop-in files after it (oslo.config's --config-dir: the last one
 * wins). Undefined when there are none. Throws SwapError naming the file that cannot be read.
 */
export const askEffective = async (host: Host, path: string): Promise<ConfFile | undefined> => {
  const files = await ask(host, filesOf(path))
  return files.size === 0 ? undefined : { parts: [...files].flatMap(([file, text]) => parse(text, file).parts) }
}

/**
 * A value with $name, ${name}, ${group.name} replaced as in oslo.config; undefined when the file does not set one of
 * them.
 */
export const resolved = (file: ConfFile, section: string, value: string): string | undefined => {
  let known = true
  const text = value.replace(/\$(?:\{([\w.]+)\}|(\w+(?:\.\w+)?)|\$)/g, (sign, braced?: string, plain?: string) => {
    const name = braced ?? plain
    if (name === undefined) return sign.slice(1)
    const [group, option] = name.includes('.') ? name.split('.') : [section, name]
    const found = get(file, group ?? '', option ?? '') ?? get(file, 'DEFAULT', option ?? '')
    if (found === undefined || found.includes('$')) known = false
    return found ?? ''
  })
  return known ? text : undefined
}
