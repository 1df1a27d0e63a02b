import { services } from '../services/index.ts'
import type { OptionRules } from '../services/options.ts'
import { commonCompositions } from './data/compositions.ts'
import { goneOptions } from './data/gone-options.ts'
import { commonImported } from './data/imported.ts'
import { commonGone, commonMoves } from './data/removed-options.ts'
import { identityValues } from './data/values-identity.ts'
import { notificationValues } from './data/values-notifications.ts'
import { urlValues } from './data/values-urls.ts'

type Lists = { readonly [K in keyof OptionRules]-?: Extract<OptionRules[K], readonly unknown[]>[number] }

/** The lists of all services, in service order. */
const ofServices = <K extends keyof Lists>(kind: K): readonly Lists[K][] =>
  services.flatMap(({ options }) => (options[kind] ?? []) as readonly Lists[K][])

export const moves = [...commonMoves, ...ofServices('moves')]

export const gone = [...commonGone, ...ofServices('gone')]

/** In order of application: a URL's scheme is fixed before its version is examined. */
export const valueRules = [...urlValues, ...ofServices('values'), ...identityValues, ...notificationValues]

export const compositions = [...commonCompositions, ...ofServices('compositions')]

export const additions = ofServices('additions')

export const goneDefaults = ofServices('goneDefaults')

export const imported = [...ofServices('imported'), ...commonImported]

/** Options that name sections any file may have: keystoneauth1/loading/conf.py (auth_section), oslo_config/sources. */
export const dynamicSections = [
  ...ofServices('sections'),
  { by: ['DEFAULT', 'config_source'] as const, like: [] },
  { by: ['*', 'auth_section'] as const, like: [] },
]

export const dynamicOptions = ofServices('dynamic')

export const openSections = ofServices('open')

/** Every line of the tables of removed options. */
export const goneLines: readonly string[] = [goneOptions, ...services.map(({ options }) => options.removed ?? '')]
  .flatMap((table) => table.split('\n'))
  .filter((line) => line !== '')

/** Projects in those tables whose options may be in every service's file. */
export const sharedLibraries: readonly string[] = [
  ...ofServices('everywhere'),
  ...['oslo.db', 'oslo.log', 'oslo.messaging', 'oslo.policy'],
]

/** Projects in those tables whose options are only in this project's file. */
export const librariesOf = (project: string): readonly string[] =>
  services.find(({ recipe }) => recipe.release.project === project)?.options.libraries ?? []
