/** A line that gives an interface an address at boot. */
export interface Given {
  /** names of the interface, as far as the file says them; undefined: the one that the file is for */
  readonly devices: readonly string[] | undefined
  /** undefined: not said, or in a form that swapctl cannot read */
  readonly prefix: number | undefined
  /** from 1 */
  readonly line: number
}

/** 24 of '10.20.0.10/24', with or without quotes. */
export const prefixOf = (text: string): number | undefined => {
  const [, prefix] = /\/(\d+)["']?$/.exec(text.trim()) ?? []
  return prefix === undefined ? undefined : Number(prefix)
}

/** 24 of '24' and of '255.255.255.0'. */
export const prefixOfMask = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text)
  const bits = text.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  const [, ones] = /^(1*)0*$/.exec(bits.join('')) ?? []
  return bits.length === 4 ? ones?.length : undefined
}

export const isAt = ({ devices, prefix }: Given, device: string, wanted: number): boolean =>
  (devices === undefined || devices.includes(device)) && prefix === wanted

/** Each line with its number; a continued one counts as many as it has. */
export const numbered = (lines: readonly string[]): readonly (readonly [string, number])[] => {
  let next = 1
  return lines.map((line) => {
    const at = next
    next += line.split('\n').length - 1
    return [line, at] as const
  })
}
