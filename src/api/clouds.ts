import { LineCounter, parseDocument } from 'yaml'
import { refuse } from '../errors.ts'

/** A value in clouds.yaml: a text, a list, or a map. Scalars are kept as text. */
type Tree = string | readonly Tree[] | { readonly [key: string]: Tree }
type Map = { readonly [key: string]: Tree }

export interface CloudFile {
  /** as an error names it: 'source: /etc/openstack/clouds.yaml' */
  readonly where: string
  readonly text: string
}

export interface CloudFiles {
  readonly clouds: CloudFile
  readonly secure?: CloudFile
  /** clouds-public.yaml, where a cloud's `profile` is looked up */
  readonly vendors?: CloudFile
}

const isMap = (value: Tree | undefined): value is Map =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Throws SwapError naming file and line, without quoting the text, which may contain a secret. */
const parsed = ({ where, text }: CloudFile): Map => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', merge: true, prettyErrors: false, lineCounter })
  const [error] = document.errors
  if (error !== undefined)
    throw refuse(where, `line ${lineCounter.linePos(error.pos[0]).line}: is not YAML (${error.code})`, 'Fix this file')
  return isMap(document.toJS()) ? (document.toJS() as Map) : {}
}

const merged = (under: Map, over: Map): Map => ({
  ...under,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const below = under[key]
      return [key, isMap(below) && isMap(value) ? merged(below, value) : value]
    }),
  ),
})

const child = (tree: Map, ...path: readonly string[]): Map => {
  const [first = '', ...rest] = path
  const next = tree[first]
  return !isMap(next) ? {} : rest.length === 0 ? next : child(next, ...rest)
}

/** The cloud with the values of one of its `regions`; entries are names or {name, values}. */
const regional = (where: string, cloud: Map, wanted: string | undefined): Map => {
  const all = (Array.isArray(cloud['regions']) ? (cloud['regions'] as readonly Tree[]) : []).map((one) =>
    isMap(one) ? one : { name: one },
  )
  const name = wanted ?? (typeof cloud['region_name'] === 'string' ? cloud['region_name'] : undefined)
  if (all.length === 0) return name === undefined ? cloud : { ...cloud, region_name: name }
  if (name === undefined && all.length > 1)
    throw refuse(
      where,
      `names several regions: ${all.map((one) => one['name']).join(', ')}`,
      'Add to the openrc file: export OS_REGION_NAME=...',
    )
  const one = name === undefined ? all[0] : all.find((it) => it['name'] === name)
  if (one === undefined)
    throw refuse(where, `has no region ${name}`, `Regions: ${all.map((it) => it['name']).join(', ')}`)
  return { ...merged(cloud, child(one, 'values')), region_name: one['name'] ?? '' }
}

const vendor = (files: CloudFiles, cloud: Map): Map => {
  const name = cloud['profile'] ?? cloud['cloud']
  if (typeof name !== 'string') return {}
  const found = files.vendors === undefined ? {} : child(parsed(files.vendors), 'public-clouds', name)
  if (Object.keys(found).length > 0) return found
  throw refuse(
    files.clouds.where,
    `profile '${name}' is missing in clouds-public.yaml`,
    'Write auth_url and auth into the cloud itself',
  )
}

const texts = (tree: Map): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) => {
      const text = Array.isArray(value) ? value.join(',') : value
      return typeof text === 'string' && !['', '~', 'null'].includes(text) ? [[key, text]] : []
    }),
  )

/**
 * A cloud's values in one flat map, merged as openstacksdk does, later ones winning: profile, clouds.yaml, secure.yaml,
 * region; those of `auth` on the same level. `region`: a region requested from outside.
 */
export const cloudOf = (files: CloudFiles, name: string, region?: string): Readonly<Record<string, string>> => {
  const { where } = files.clouds
  const all = child(parsed(files.clouds), 'clouds')
  if (!isMap(all[name]))
    throw refuse(
      where,
      `has no cloud '${name}'`,
      `Clouds: ${Object.keys(all).join(', ') || 'none'}; check OS_CLOUD in the openrc file`,
    )
  const secure = files.secure === undefined ? {} : child(parsed(files.secure), 'clouds', name)
  const own = merged(child(all, name), secure)
  const cloud = regional(where, merged(vendor(files, own), own), region)
  return { ...texts(cloud), ...texts(child(cloud, 'auth')) }
}
