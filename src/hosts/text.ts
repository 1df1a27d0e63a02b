import { isUtf8 } from 'node:buffer'

/**
 * Bytes that are not UTF-8 map to U+DC80..U+DCFF, which no valid text contains, so that names that differ only in such
 * bytes stay different.
 */
const escaped = 0xdc00

const lengthAt = (bytes: Buffer, at: number): number => {
  const lead = bytes[at] as number
  if (lead < 0x80) return 1
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0
}

/** Program output as text; `encode` restores the same bytes. */
export const decode = (bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at)
    if (length === 0) {
      text += bytes.toString('utf8', from, at) + String.fromCharCode(escaped + (bytes[at] as number))
      from = at + 1
    }
    at += Math.max(1, length)
  }
  return text + bytes.toString('utf8', from)
}

const lone = /((?<![\ud800-\udbff])[\udc80-\udcff])/

/** The bytes of a text made by `decode`. */
export const encode = (text: string): Buffer =>
  lone.test(text)
    ? Buffer.concat(
        text
          .split(lone)
          .map((part, index) =>
            index % 2 === 0 ? Buffer.from(part, 'utf8') : Buffer.from([part.charCodeAt(0) - escaped]),
          ),
      )
    : Buffer.from(text, 'utf8')
