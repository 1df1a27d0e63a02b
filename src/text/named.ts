import { hidden } from './hidden.ts'
import { secretName } from './secrets.ts'

/** Replaces what it finds; runs in linear time. */
export type Rule = (text: string) => string

const switches = /^-*(?:send|allow|use|enable|require|has|is|with|no)[_-]/i
const quoted = (value: string): string => /^["']?(.*?)["']?[,;]?$/s.exec(value.trim())?.[1] ?? value

/** Whether a value is none although its name says so: a switch, a count ('pass: 12, fail: 1'), or hidden already. */
const harmless = (name: string, value: string): boolean =>
  !/\w/.test(value.replaceAll(hidden, '')) ||
  /^(?:true|false)$/i.test(quoted(value)) ||
  (switches.test(name) && /^(?:yes|no|on|off|\d+)$/i.test(quoted(value))) ||
  (/^pass$/i.test(name) && /^\d+,\s*\w+: ?\d/.test(value))

/** Whether this is a secret, by its name and what is written as its value. */
export const isSecret = (name: string, value: string): boolean => secretName.test(name) && !harmless(name, value)

/**
 * Hides each value whose name says that it is a secret: `begins` (global, with a group `name`) is what stands before
 * the value, `value` (sticky) the value. What follows a name that is no secret's is read again:
 * Environment=OS_PASSWORD=x.
 */
export const named =
  (begins: RegExp, value: RegExp, by = hidden): Rule =>
  (text) => {
    let result = ''
    let from = 0
    begins.lastIndex = 0
    for (let match = begins.exec(text); match !== null; match = begins.exec(text)) {
      const start = begins.lastIndex
      const { name = '' } = match.groups ?? {}
      if (!secretName.test(name)) continue
      value.lastIndex = start
      const found = value.exec(text)?.[0] ?? ''
      if (!isSecret(name, found)) continue
      result += text.slice(from, start) + by
      from = start + found.length
      begins.lastIndex = from
    }
    return result + text.slice(from)
  }
