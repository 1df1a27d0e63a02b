import { readFileSync } from 'node:fs'
import type { Place } from './place.ts'

interface Known {
  readonly id: string
}

/** What the lab created in its cloud. */
export interface Facts {
  readonly images: Readonly<Record<string, Known & { readonly sha256: string }>>
  readonly volumes: Readonly<Record<string, Known & { readonly sha256_first_8_mib: string }>>
  readonly users: Readonly<Record<string, Known & { readonly password: string }>>
  readonly projects: Readonly<Record<string, string>>
  readonly application_credential: { readonly id: string; readonly secret: string }
  readonly stack: string
  /** id of the tenant network of the guests */
  readonly network: string
}

/** The facts file of the golden layer in use. */
export const readFacts = (place: Place): Facts => JSON.parse(readFileSync(place.facts, 'utf8')) as Facts

/** sha256 of the first 8 MiB by volume id. */
export const writtenVolumes = (facts: Facts): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.values(facts.volumes).map((volume) => [volume.id, volume.sha256_first_8_mib]))
