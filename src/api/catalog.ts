import { SwapError } from '../errors.ts'
import type { Access } from './access.ts'

/** A service in the catalog of keystone's token. */
export interface CatalogEntry {
  readonly type: string
  readonly endpoints: readonly Endpoint[]
}

interface Endpoint {
  readonly interface: string
  readonly url: string
  readonly region?: string | null
  readonly region_id?: string | null
}

const regionOf = ({ region_id, region }: Endpoint): string => region_id ?? region ?? ''

const listed = (names: readonly string[]): string => [...new Set(names)].map((name) => `'${name}'`).join(', ')

/**
 * The URL of a service type in the region and interface that the admin's file names, without a trailing slash;
 * undefined when the catalog has none. Throws SwapError when several regions have one and none was named: picking one
 * could compare the cloud with another cloud.
 */
export const endpointOf = (
  catalog: readonly CatalogEntry[],
  type: string,
  { region, interfaces }: Pick<Access, 'region' | 'interfaces'>,
): string | undefined => {
  const all = catalog.filter((service) => service.type === type).flatMap((service) => service.endpoints)
  const here = region === undefined ? all : all.filter((one) => regionOf(one) === region)
  for (const name of interfaces) {
    const found = here.filter((one) => one.interface === name)
    const regions = found.map(regionOf)
    if (new Set(regions).size > 1)
      throw new SwapError(
        'catalog',
        `'${type}' has a ${name} endpoint in several regions, ${listed(regions)}, but the openrc file names none`,
        "Add the region of this controller to the admin's openrc file: export OS_REGION_NAME=...",
        { final: true, exitCode: 2 },
      )
    if (found[0] !== undefined) return found[0].url.replace(/\/$/, '')
  }
  return undefined
}

/** Why `endpointOf` returned nothing: 'the catalog has it in 'RegionTwo' only'. */
export const absenceText = (
  catalog: readonly CatalogEntry[],
  type: string,
  { region, interfaces }: Pick<Access, 'region' | 'interfaces'>,
): string => {
  const all = catalog.filter((service) => service.type === type).flatMap((service) => service.endpoints)
  const wanted = `the catalog has no ${interfaces.join(' or ')} endpoint of type '${type}'`
  if (region === undefined) return wanted
  const elsewhere = all.map(regionOf).filter((one) => one !== region)
  return `${wanted} in region '${region}'${elsewhere.length === 0 ? '' : `; it has one in ${listed(elsewhere)}`}`
}
