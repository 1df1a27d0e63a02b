import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments, visit, type YAMLSeq } from 'yaml'
import { names } from '../same-address.ts'
import { type Given, lengthOf } from './given.ts'
import type { Edit } from './ifupdown.ts'

interface Device {
  readonly id: string
  readonly options: Node | undefined
}

/** netplan uses YAML 1.1 and one document per file; every scalar is a string, even a device named e0. */
const parse = (text: string): Document | { readonly refused: string } => {
  const [document, more] = parseAllDocuments(text, { version: '1.1', schema: 'failsafe', prettyErrors: false })
  if (more !== undefined) return { refused: 'holds more than one document' }
  if (document === undefined || !('contents' in document)) return { refused: 'is empty' }
  const [error] = [...document.errors, ...document.warnings]
  if (error !== undefined) return { refused: `is not YAML that swapctl can read: ${error.message}` }
  return hasReferences(document) ? { refused: 'has anchors or tags' } : document
}

/** An anchor can repeat a list elsewhere, and a tag can change a value, so the text cannot be edited in place. */
const hasReferences = (document: Document): boolean => {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
    },
    Node: (_key, node) => {
      if (('anchor' in node && node.anchor !== undefined) || ('tag' in node && node.tag !== undefined)) found = true
    },
  })
  return found
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key)

const pairsOf = (node: unknown): readonly (readonly [string, Node | undefined])[] =>
  isMap(node) ? node.items.map(({ key, value }) => [keyOf(key), (value ?? undefined) as Node | undefined]) : []

const child = (node: unknown, name: string): Node | undefined => pairsOf(node).find(([key]) => key === name)?.[1]

/** The devices in the file: network, kind of device, name. */
const devicesOf = (document: Document): readonly Device[] =>
  pairsOf(child(document.contents, 'network')).flatMap(([, kind]) =>
    pairsOf(kind).map(([id, options]) => ({ id, options })),
  )

/** The interface's names that the file says: none when it matches by something else. */
const namesOf = ({ id, options }: Device): readonly string[] => {
  const match = child(options, 'match')
  if (match === undefined) return [id]
  return [child(options, 'set-name'), child(match, 'name')].flatMap((node) =>
    isScalar(node) ? [String(node.value)] : [],
  )
}

const isFor = (one: Device, device: string): boolean => namesOf(one).includes(device)

/** '10.20.0.10/24' of an item; with options, it is their key. */
const itemOf = (item: unknown): string => {
  if (isScalar(item)) return String(item.value)
  return isMap(item) && item.items.length === 1 ? keyOf(item.items[0]?.key) : ''
}

const listOf = ({ options }: Device): YAMLSeq | undefined => {
  const list = child(options, 'addresses')
  return isSeq(list) ? list : undefined
}

const treeOf = (text: string): unknown => {
  const document = parse(text)
  return 'refused' in document ? undefined : document.toJS()
}

const says = (text: string, address: string): boolean =>
  text.split(/[\s,[\]{}"']+/).some((word) => names(word.replace(/:$/, ''), address))

/** Whether a netplan file names an address anywhere. */
export const netplanHas = (text: string, address: string): boolean => {
  const document = parse(text)
  if ('refused' in document) return says(text, address)
  let found = false
  visit(document, {
    Scalar: (_key, node) => {
      if (names(String(node.value), address)) found = true
    },
  })
  return found
}

/** What gives a device this address; in an unreadable file, the first line that names the address. */
export const netplanGives = (text: string, address: string): readonly Given[] => {
  const document = parse(text)
  if ('refused' in document) {
    const line = text.split('\n').findIndex((one) => says(one, address)) + 1
    return line === 0 ? [] : [{ devices: [], prefix: undefined, line }]
  }
  return devicesOf(document).flatMap((device) =>
    (listOf(device)?.items ?? [])
      .filter((item) => names(itemOf(item), address))
      .map((item) => ({
        devices: namesOf(device),
        ...lengthOf(itemOf(item)),
        line: text.slice(0, startOf(item)).split('\n').length,
      })),
  )
}

/** Whether a netplan file configures an interface. */
export const netplanConfigures = (text: string, device: string): boolean => {
  const document = parse(text)
  return !('refused' in document) && devicesOf(document).some((one) => isFor(one, device))
}

const startOf = (node: unknown): number => (node as Node).range?.[0] ?? 0
const endOf = (node: unknown): number => (node as Node).range?.[1] ?? 0
const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1
const lineEnd = (text: string, at: number): number => text.indexOf('\n', at) + 1 || text.length
const cut = (text: string, from: number, to: number, put = ''): string => text.slice(0, from) + put + text.slice(to)

/**
 * A netplan file without an address in its devices' `addresses:` lists, every other byte unchanged; an emptied list
 * stays as []. Refused, with the reason, when the file names the address elsewhere or in a form that cannot be edited.
 */
export const withoutNetplan = (text: string, address: string): Edit => {
  const document = parse(text)
  if ('refused' in document) return document
  const isGone = (item: unknown): boolean => names(itemOf(item), address)
  const lists = devicesOf(document).flatMap((device) => listOf(device) ?? [])
  // From the end, so that earlier offsets stay valid.
  let edited = text
  for (const list of lists.toSorted((a, b) => startOf(b) - startOf(a)))
    if (list.items.some(isGone))
      edited = list.flow ? withoutFlow(edited, list, isGone) : withoutBlock(edited, list, isGone)
  const wanted = withTree(document.toJS(), (all) => all.filter((item) => !names(wordOf(item), address)))
  if (netplanHas(edited, address)) return { refused: `names ${address} in a place that swapctl cannot edit` }
  return proven(edited, wanted)
}

/** Removes each item with the comma after it, or the one before it for the last item. */
const withoutFlow = (text: string, list: YAMLSeq, isGone: (item: unknown) => boolean): string => {
  const { items } = list
  if (items.every(isGone)) return cut(text, startOf(list), endOf(list), '[]')
  const kept = items.findLastIndex((item) => !isGone(item))
  return items.reduceRight<string>((edited, item, index) => {
    if (!isGone(item)) return edited
    const next = items[index + 1]
    return index < kept ? cut(edited, startOf(item), startOf(next)) : cut(edited, endOf(items[index - 1]), endOf(item))
  }, text)
}

/** Removes an item's lines and everything indented below them. */
const withoutBlock = (text: string, list: YAMLSeq, isGone: (item: unknown) => boolean): string => {
  const edited = list.items.reduceRight<string>(
    (all, item) =>
      isGone(item)
        ? cut(all, lineStart(all, startOf(item)), lineEnd(all, Math.max(endOf(item) - 1, startOf(item))))
        : all,
    text,
  )
  if (!list.items.every(isGone)) return edited
  const colon = text.lastIndexOf(':', startOf(list))
  return cut(edited, colon + 1, colon + 1, ' []')
}

/** A netplan file whose device for an interface has one more address ('10.20.0.10/24') at the end of its list. */
export const withNetplan = (text: string, device: string, address: string): Edit => {
  const document = parse(text)
  if ('refused' in document) return document
  const found = devicesOf(document).findLast((one) => isFor(one, device))
  if (found === undefined) return { refused: `has no device for ${device}` }
  if (!isMap(found.options) || found.options.items.length === 0) return { refused: `does not configure ${found.id}` }
  const word = address.includes(':') ? `"${address}"` : address
  const list = child(found.options, 'addresses')
  const edited =
    list === undefined ? withList(text, found.options, word) : isSeq(list) ? withItem(text, list, word) : undefined
  if (edited === undefined) return { refused: `has the addresses of ${found.id} in a form that swapctl cannot edit` }
  const wanted = withTree(document.toJS(), (all, id) => (id === found.id ? [...all, address] : all), found.id)
  return proven(edited, wanted)
}

const withList = (text: string, options: Node & { flow?: boolean }, word: string): string => {
  const at = startOf(options)
  if (options.flow) return cut(text, at + 1, at + 1, `addresses: [${word}], `)
  return cut(text, at, at, `addresses: [${word}]\n${' '.repeat(at - lineStart(text, at))}`)
}

const withItem = (text: string, list: YAMLSeq, word: string): string | undefined => {
  const last = list.items.at(-1)
  if (list.flow) {
    const at = last === undefined ? startOf(list) + 1 : endOf(last)
    return cut(text, at, at, last === undefined ? word : `, ${word}`)
  }
  if (last === undefined) return undefined
  const dash = text.lastIndexOf('-', startOf(last) - 1)
  const at = lineEnd(text, Math.max(endOf(last) - 1, startOf(last)))
  const before = text.slice(0, at)
  const indent = ' '.repeat(dash - lineStart(text, dash))
  return `${before}${before.endsWith('\n') ? '' : '\n'}${indent}- ${word}\n${text.slice(at)}`
}

const wordOf = (item: unknown): string =>
  typeof item === 'object' && item !== null ? (Object.keys(item)[0] ?? '') : String(item)

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The parsed file with changed lists of addresses: what the edit must result in. `made`: a device that gets a list even
 * if it had none.
 */
const withTree = (
  tree: unknown,
  change: (all: readonly unknown[], id: string) => readonly unknown[],
  made?: string,
): unknown => {
  const copy = structuredClone(tree)
  const network = isTree(copy) ? copy['network'] : undefined
  for (const kind of Object.values(isTree(network) ? network : {}))
    for (const [id, device] of Object.entries(isTree(kind) ? kind : {})) {
      if (!isTree(device)) continue
      const { addresses } = device
      if (Array.isArray(addresses)) device['addresses'] = change(addresses, id)
      else if (id === made && addresses === undefined) device['addresses'] = change([], id)
    }
  return copy
}

/** The edit, if it parses to exactly what was wanted. */
const proven = (text: string, wanted: unknown): Edit =>
  isDeepStrictEqual(treeOf(text), wanted) ? { text } : { refused: 'has the address in a form that swapctl cannot edit' }
