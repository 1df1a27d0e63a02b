import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'

export const settingsPath = (place: Place): string => join(place.desk, 'swapctl.ini')

/** swapctl's state directory, beside the settings. */
export const statePath = (place: Place, name: string): string => join(place.desk, 'swap-state', name)

/** Empties the desk: files of an earlier swap belong to a cloud that no longer exists. */
export const clearDesk = async (place: Place): Promise<void> => {
  await rm(place.desk, { recursive: true, force: true })
  await mkdir(place.desk, { recursive: true, mode: 0o700 })
}

/** The operator's first command. */
export const initWords = (place: Place): readonly string[] => [
  'init',
  ...['--source', `root@${place.source}`],
  ...['--target', `root@${place.target}`],
  ...['--compute', `cmp1=root@${place.compute}`],
  ...['--key', place.key],
]

/** Adds what `init` cannot know, as an operator would in an editor: the path of the hop environment. */
export const completeSettings = async (place: Place): Promise<string> => {
  const added = `\n[hop zed]\narchive = ${place.hopArchive}\n`
  await appendFile(settingsPath(place), added)
  const text = await readFile(settingsPath(place), 'utf8')
  const wanted = [`address = ${place.vip}/24`, `source = ${place.sourceStorage}`, `target = ${place.targetStorage}`]
  const missing = wanted.filter((line) => !text.includes(line))
  if (missing.length > 0) throw new Error(`swapctl init did not find: ${missing.join(', ')}`)
  return text
}
