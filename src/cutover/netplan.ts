import type { Edit } from './ifupdown.ts'
import { names } from './same-address.ts'

interface Line {
  /** as it stands, with its end */
  readonly text: string
  readonly indent: number
  /** without comment and white space around; '' says nothing */
  readonly body: string
}

interface Item {
  /** offsets in the key's line of a flow list, line numbers of a block list; `to` is behind the last */
  readonly from: number
  readonly to: number
  readonly value: string
}

interface List {
  readonly kind: 'flow' | 'block'
  /** the line of `addresses:` */
  readonly at: number
  readonly items: readonly Item[]
}

interface Device {
  readonly id: string
  /** the line of its name */
  readonly at: number
  /** how far its options are indented; undefined when it has none on lines of their own */
  readonly indent: number | undefined
  readonly setName: string | undefined
  readonly list: List | undefined
}

/** A comment begins at a # after white space, outside quotes. */
const withoutComment = (text: string): string => /^(?:[^#'"]|'[^']*'|"[^"]*"|(?<=\S)#)*/.exec(text)?.[0].trimEnd() ?? ''

const linesOf = (text: string): readonly Line[] =>
  text.split(/(?<=\n)/).map((line) => {
    const body = withoutComment(line.replace(/\r?\n$/, ''))
    return { text: line, indent: body.length - body.trimStart().length, body: body.trim() }
  })

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2')

/** 'key: value' to both; undefined for anything else. */
const pair = (body: string): readonly [string, string] | undefined => {
  const match = /^("[^"]*"|'[^']*'|[^\s'"[\]{}:#&*!|>%@`-][^:{}[\]]*|[^\s'"[\]{}:#&*!|>%@`,-]\S*?):(?:\s+(.*))?$/.exec(
    body,
  )
  return match === null ? undefined : [unquoted(match[1] ?? ''), (match[2] ?? '').trim()]
}

/** Items of '[10.0.0.1/24, "fd00::1/64"]' in a line; undefined when it is not whole, or holds more than plain words. */
const flowItems = (text: string): readonly Item[] | undefined => {
  const open = text.indexOf('[')
  const match = /^\[([^[\]{}]*)\]$/.exec(withoutComment(text.replace(/\r?\n$/, '')).slice(open))
  if (match === null) return undefined
  const items: Item[] = []
  let from = open + 1
  for (const part of (match[1] as string).split(',')) {
    if (part.trim() !== '') items.push({ from, to: from + part.length, value: unquoted(part) })
    from += part.length + 1
  }
  return items
}

/** Items of a list below its key; what is indented deeper belongs to the item (label, lifetime). */
const blockItems = (lines: readonly Line[], at: number): readonly Item[] => {
  const key = lines[at] as Line
  const items: { from: number; to: number; value: string }[] = []
  let indent: number | undefined
  for (let index = at + 1; index < lines.length; index += 1) {
    const { body, indent: own } = lines[index] as Line
    if (body === '') continue
    const isItem = /^-\s/.test(body) && own >= key.indent && (indent === undefined || own === indent)
    if (!isItem && own <= (indent ?? key.indent)) break
    if (isItem) {
      indent = own
      items.push({ from: index, to: index + 1, value: unquoted(body.slice(1).replace(/:$/, '')) })
    } else {
      const last = items.at(-1)
      if (last !== undefined) last.to = index + 1
    }
  }
  return items
}

/** What the file says of each device, in the places where netplan looks: network, kind of device, name. */
const devicesOf = (lines: readonly Line[]): readonly Device[] => {
  const devices: {
    id: string
    at: number
    indent: number | undefined
    setName: string | undefined
    list: List | undefined
  }[] = []
  const path: { indent: number; key: string }[] = []
  for (const [at, { body, indent, text }] of lines.entries()) {
    const [key, value = ''] = pair(body) ?? []
    if (key === undefined) continue
    while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= indent) path.pop()
    path.push({ indent, key })
    if (path[0]?.key !== 'network') continue
    if (path.length === 3 && value === '')
      devices.push({ id: key, at, indent: undefined, setName: undefined, list: undefined })
    const device = devices.at(-1)
    if (path.length !== 4 || device === undefined || device.id !== path[2]?.key) continue
    device.indent ??= indent
    if (key === 'set-name') device.setName = unquoted(value)
    if (key !== 'addresses') continue
    const flow = value.startsWith('[') ? flowItems(text) : undefined
    if (value === '') device.list = { kind: 'block', at, items: blockItems(lines, at) }
    else if (flow !== undefined) device.list = { kind: 'flow', at, items: flow }
  }
  return devices
}

/** A word of the file, outside comments, that is this address. */
const mentions = (lines: readonly Line[], address: string): boolean =>
  lines.some(({ body }) =>
    body
      .split(/[\s,[\]{}]+/)
      .some((word) => names(unquoted(word), address) || names(unquoted(word.replace(/:$/, '')), address)),
  )

/** What an edit by lines could get wrong. */
const tooClever = (lines: readonly Line[]): string | undefined => {
  if (lines.some(({ text, body }) => body !== '' && /^ *\t/.test(text))) return 'indents by tabs'
  if (lines.some(({ body }) => /(^|[\s,[{:-])([&*][A-Za-z0-9_]+|<<:|!\S+)/.test(body.replace(/"[^"]*"|'[^']*'/g, ''))))
    return 'has anchors or tags'
  return lines.filter(({ body }) => /^---(\s|$)/.test(body)).length > 1 ? 'holds more than one document' : undefined
}

/** Whether a netplan file names an address. Pure. */
export const netplanHas = (text: string, address: string): boolean => mentions(linesOf(text), address)

/** Whether a netplan file has a device for an interface. Pure. */
export const netplanConfigures = (text: string, device: string): boolean =>
  devicesOf(linesOf(text)).some((it) => it.id === device || it.setName === device)

/**
 * A netplan file without an address in the lists `addresses:` of its devices, every other byte as it was; a list that
 * becomes empty stays, as []. Refused, with the reason, when the file names the address elsewhere or says it in a way that
 * is not edited. Pure.
 */
export const withoutNetplan = (text: string, address: string): Edit => {
  const lines = linesOf(text)
  const clever = tooClever(lines)
  if (clever !== undefined) return { refused: clever }
  const edited = lines.map((line) => line.text)
  for (const { list } of devicesOf(lines)) {
    const gone = list?.items.filter((item) => names(item.value, address)) ?? []
    if (list === undefined || gone.length === 0) continue
    const empty = gone.length === list.items.length
    const key = lines[list.at] as Line
    if (list.kind === 'flow') edited[list.at] = withoutItems(key.text, gone)
    else for (const item of gone) edited.fill('', item.from, item.to)
    if (list.kind === 'block' && empty) edited[list.at] = key.text.replace(/addresses(["']?):/, 'addresses$1: []')
  }
  const result = edited.join('')
  return netplanHas(result, address)
    ? { refused: `names ${address} in a place that swapctl does not know how to edit` }
    : { text: result }
}

/** Each item goes with the comma behind it, or before it when it is the last. */
const withoutItems = (text: string, gone: readonly Item[]): string =>
  gone.toReversed().reduce((line, { from, to }) => {
    const behind = line[to] === ','
    const before = line[from - 1] === ','
    const start = behind || !before ? from : from - 1
    const rest = line.slice(behind ? to + 1 : to)
    return line.slice(0, start) + (behind && !before ? rest.trimStart() : rest)
  }, text)

/** A netplan file whose device for an interface has one more address ('10.20.0.10/24'), after those it has. Pure. */
export const withNetplan = (text: string, device: string, address: string): Edit => {
  const lines = linesOf(text)
  const clever = tooClever(lines)
  if (clever !== undefined) return { refused: clever }
  const found = devicesOf(lines).findLast((it) => it.id === device || it.setName === device)
  if (found === undefined) return { refused: `has no device for ${device}` }
  if (found.indent === undefined) return { refused: `has ${found.id} on one line` }
  const word = address.includes(':') ? `"${address}"` : address
  const edited = lines.map((line) => line.text)
  const { list } = found
  if (list === undefined) {
    if (lines.some((it, at) => at > found.at && it.indent === found.indent && /^addresses\b/.test(it.body)))
      return { refused: `has the addresses of ${found.id} in a form that swapctl does not edit` }
    edited[found.at] = `${ended(edited[found.at] ?? '')}${' '.repeat(found.indent)}addresses: [${word}]\n`
  } else if (list.kind === 'flow') {
    const line = edited[list.at] as string
    const end = line.lastIndexOf(']', withoutComment(line.replace(/\r?\n$/, '')).length - 1)
    edited[list.at] = `${line.slice(0, end).trimEnd()}${list.items.length === 0 ? '' : ', '}${word}${line.slice(end)}`
  } else {
    const last = list.items.at(-1)
    if (last === undefined) return { refused: `has an empty list of addresses for ${found.id}` }
    const indent = (lines[last.from] as Line).indent
    edited[last.to - 1] = `${ended(edited[last.to - 1] ?? '')}${' '.repeat(indent)}- ${word}\n`
  }
  return { text: edited.join('') }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
