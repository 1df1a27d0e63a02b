import { homedir } from 'node:os'
import { refuse } from '../errors.ts'
import { knownReleases, noRelease, releaseCalled } from '../releases/release.ts'
import type { Section } from './text.ts'

/** An error about one line: SwapError (exit 2) naming file, section and option. */
export const complain = (file: string, section: Section, key: string, what: string): Error =>
  refuse(file, `[${section.title}] ${key}: ${what}`, 'Fix this line of the settings')

/** An integer from `least` to `most`; `otherwise` when the option is absent. */
export const integer = (
  file: string,
  section: Section,
  key: string,
  otherwise: number,
  least: number,
  most: number,
): number => {
  const text = section.values[key]
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw complain(file, section, key, `'${text}' is not a number from ${least} to ${most}`)
  return value
}

const factors: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 }

/** `[stage] rate` in bytes a second: '500k', '50M', '2G'; 'off': no limit. With less a stream would look like a hung one. */
export const rateIn = (file: string, section: Section | undefined): { readonly stageRate?: number } => {
  const text = section?.values['rate']
  if (section === undefined || text === undefined) return {}
  if (text === 'off') return { stageRate: 0 }
  const [, number = '', unit = ''] = /^(\d{1,6})([kMG])$/.exec(text) ?? []
  const rate = Number(number) * (factors[unit] ?? 0)
  if (rate < 100e3 || rate > 100e9)
    throw complain(file, section, 'rate', `'${text}' is not a number of bytes a second from 100k to 100G, or off`)
  return { stageRate: rate }
}

/** A release as written, in lower case. Throws SwapError (exit 2) when no release has this name or number. */
export const releaseIn = (file: string, section: Section, key: string, text: string): string => {
  if (releaseCalled(text) === undefined)
    throw complain(file, section, key, `${noRelease(text)}; known: ${knownReleases()}`)
  return text.toLowerCase()
}

/** '~/x' -> the operator's home directory. */
export const expand = (path: string): string => path.replace(/^~(?=\/|$)/, homedir())

/** A section, its subject in one spelling, and the message for another section with the same subject. */
export interface About {
  readonly section: Section
  readonly key: string
  readonly twice: (other: string) => string
}

/** Of two sections with one subject, one would be ignored. Throws SwapError (exit 2) naming both. */
export const refuseTwice = (file: string, option: string, all: readonly About[]): void => {
  const seen = new Map<string, string>()
  for (const { section, key, twice } of all) {
    const other = seen.get(key)
    if (other !== undefined) throw complain(file, section, option, twice(`[${other}]`))
    seen.set(key, section.title)
  }
}
