import { refuse } from '../errors.ts'
import { registerSecret, registerUrls, secretName } from '../text/secrets.ts'
import { readWritten } from './file.ts'
import { type Section, sectionsOf } from './text.ts'

/** The operator's decision on one option of a service. */
export interface Choice {
  readonly service: string
  readonly section: string
  readonly key: string
  /**
   * keep: copy the source's value unchanged; drop: copy nothing; set: use this value; pin: the source release's default
   */
  readonly kind: 'keep' | 'drop' | 'set' | 'pin'
  /** of `set` */
  readonly value?: string
  readonly reason: string
  /** which config file, if the service has several */
  readonly file?: string
  /** position of the entry, for error messages */
  readonly from: string
  readonly line: number
}

/** 'swapctl.ini' -> 'swapctl.decisions.ini', beside it. */
export const choicesPath = (settings: string): string => settings.replace(/(\.ini)?$/, '.decisions.ini')

/**
 * Parses the decisions file. `services`: names that an entry may begin with. Throws SwapError (exit 2) naming file,
 * line, section and key.
 */
export const choicesOf = (file: string, text: string, services: readonly string[]): readonly Choice[] => {
  registerUrls(text)
  try {
    return sectionsOf(file, text).map((section) => choiceOf(file, section, services))
  } catch (error) {
    // the error message quotes a line that cannot be parsed, which may contain a secret
    for (const [, value] of text.matchAll(/\bset\b[ \t=]*(\S.*)$/gm)) registerSecret(value)
    throw error
  }
}

/**
 * The operator's decisions on settings, one section each: [SERVICE SECTION KEY] with `decision` and `reason`. [] when
 * the file does not exist. Throws SwapError (exit 2) when it cannot be read or an entry is malformed.
 */
export const readChoices = (file: string, services: readonly string[]): readonly Choice[] => {
  const text = readWritten(file, 'Make the file of your decisions readable for yourself, or remove it')
  return text === undefined ? [] : choicesOf(file, text, services)
}

/** An error about one entry. It never quotes the value, which may be a secret. */
export const complainOf = (
  choice: Pick<Choice, 'from' | 'line' | 'service' | 'section' | 'key'>,
  what: string,
): Error =>
  refuse(
    `${choice.from}, line ${choice.line}`,
    `[${choice.service} ${choice.section} ${choice.key}]: ${what}`,
    'Correct or remove this entry',
  )

const known: readonly string[] = ['decision', 'reason', 'file']

const choiceOf = (from: string, { title, line, values }: Section, services: readonly string[]): Choice => {
  const words = title.split(/\s+/)
  const [service = ''] = words
  const key = words.at(-1) ?? ''
  const section = words.slice(1, -1).join(' ')
  const fail = (what: string): Error => complainOf({ from, line, service, section, key }, what)
  if (words.length < 3)
    throw refuse(`${from}, line ${line}`, `[${title}] must be written [SERVICE SECTION KEY]`, 'Correct this entry')
  if (!services.includes(service)) throw fail(`no service is called '${service}'; known: ${services.join(', ')}`)
  const other = Object.keys(values).find((name) => !known.includes(name))
  if (other !== undefined) throw fail(`${other} is unknown; known: ${known.join(', ')}`)
  const reason = values['reason'] ?? ''
  if (reason === '') throw fail('reason is missing: say why, for whoever reads it later')
  const [, kind, value = ''] = /^(keep|drop|pin|set)(?:\s+(.*))?$/s.exec(values['decision'] ?? '') ?? []
  if (kind === undefined || (kind === 'set') !== (value !== ''))
    throw fail('decision must be keep, drop, pin or set VALUE')
  if (secretName.test(key)) registerSecret(value)
  return {
    ...{ service, section, key, kind: kind as Choice['kind'], reason, from, line },
    ...(kind === 'set' ? { value } : {}),
    ...(values['file'] ? { file: values['file'] } : {}),
  }
}
