import { redact, redactStrings } from './redact.ts'

/**
 * What a terminal would obey instead of showing: control characters (line ends and tabs aside), DEL, the second set of
 * controls, marks that turn the direction of writing, other line ends; and halves of characters, which stand for bytes
 * that are no UTF-8 (see hosts/text.ts).
 */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const shown = (character: string): string => {
  const code = character.charCodeAt(0)
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
  return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${byte.toString(16).padStart(4, '0')}`
}

/** Names, values and what programs said are others' words: nothing in them reaches a terminal as a command. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(unsafe, shown)

/** A text as it may be shown: without secrets and without what a terminal obeys. */
export const forTerminal = (text: string): string => printable(redact(text))

/** The same as JSON, in which every character keeps its value. */
export const asJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, redactStrings, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
