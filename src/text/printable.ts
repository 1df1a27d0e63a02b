import { redact, redactStrings } from './redact.ts'

/**
 * What a terminal would interpret instead of showing: control characters (except line ends and tabs), DEL, C1 controls,
 * marks that change the writing direction, other line ends; and lone surrogates, which stand for bytes that are not
 * UTF-8 (see hosts/text.ts).
 */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const shown = (character: string): string => {
  const code = character.charCodeAt(0)
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
  return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${byte.toString(16).padStart(4, '0')}`
}

/** Names, values and program output come from others; escape whatever a terminal would interpret. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(unsafe, shown)

/** A text safe to show: without secrets and terminal controls. */
export const forTerminal = (text: string): string => printable(redact(text))

/** As JSON, in which every character keeps its value. */
export const asJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, redactStrings, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
