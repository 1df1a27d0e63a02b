/**
 * What follows :// when it is a host with a port and no login: an @ further on belongs to the path or the query. A
 * password may begin like a port (nova:12/x@), so other hosts count only if they have a dot.
 */
export const loginless = String.raw`(?:(?<=\bhttps?:\/\/)[\w.-]+|[\w-]+\.[\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}(?:[/?#]|\.?(?:[\s'",;)\]]|$))`

const atPort = new RegExp(loginless, 'y')

/** Behind the next :// that is not followed by a host and a port; -1: there is none. */
export const loginsFrom = (text: string, from: number): number => {
  for (let at = text.indexOf('://', from); at >= 0; at = text.indexOf('://', at + 3)) {
    atPort.lastIndex = at + 3
    if (!atPort.test(text)) return at + 3
  }
  return -1
}
