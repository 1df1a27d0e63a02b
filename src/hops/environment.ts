import type { Config, HopFormName, HopSetting } from '../config.ts'
import { findRelease, type Release } from '../releases/release.ts'

/** The form of an environment and its path: on the operator's machine for an archive, otherwise on the target. */
export const formOf = (hop: HopSetting): { readonly form: HopFormName; readonly path: string } => {
  if ('archive' in hop) return { form: 'archive', path: hop.archive }
  return 'tree' in hop ? { form: 'tree', path: hop.tree } : { form: 'venv', path: hop.venv }
}

/** The section's title as it is in the settings: '[hop zed nova]'. */
export const titleOf = ({ release, service }: Pick<HopSetting, 'release' | 'service'>): string =>
  `[hop ${[release, ...(service === undefined ? [] : [service])].join(' ')}]`

type Settings = Pick<Config, 'hops' | 'file'>

/** The environment of a release for a service: the service's own, otherwise the one for all; undefined: none is set. */
export const environmentOf = ({ hops, file }: Settings, release: Release, service: string): HopSetting | undefined => {
  const fit = hops.filter((hop) => findRelease(hop.release, file) === release)
  return fit.find((hop) => hop.service === service) ?? fit.find((hop) => hop.service === undefined)
}

/** The releases for which a service has an environment. */
export const availableTo = ({ hops, file }: Settings, service: string): readonly Release[] =>
  hops
    .filter((hop) => hop.service === undefined || hop.service === service)
    .map((hop) => findRelease(hop.release, file))
