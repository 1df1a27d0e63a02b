/** One end of a TCP connection or of a listening socket. */
export interface SocketEnd {
  readonly address: string
  /** NaN for '*' */
  readonly port: number
}

/** '10.0.0.1' of '[::ffff:10.0.0.1]', 'fe80::1' of 'fe80::1%eth0': without brackets and zone; mapped IPv4 as IPv4. */
export const plainAddress = (text: string): string =>
  text
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '')

/** One column of ss: '10.0.0.1:22', '[::ffff:10.0.0.1]:5672', 'fe80::1%eth0:22', '*:22'. */
export const endOf = (text: string): SocketEnd => {
  const colon = text.lastIndexOf(':')
  return { address: plainAddress(text.slice(0, colon)), port: Number(text.slice(colon + 1)) }
}
