import { type Account, askAdmin, type Cloud, login } from './cloud.ts'
import { type Facts, readFacts } from './facts.ts'
import type { Place } from './place.ts'
import { askStack } from './proofs/accounts.ts'
import { askImages } from './proofs/images.ts'
import { askListing, type Listing } from './proofs/listing.ts'
import { askUp } from './proofs/server.ts'
import { askFiles, askServingTables, configFolders, dataFolders } from './proofs/source.ts'
import { askUnits } from './proofs/units.ts'
import { type Attachment, askAttachments } from './proofs/volume.ts'

/** The cloud before the swap, with which every proof compares. */
export interface Before {
  readonly facts: Facts
  readonly admin: Account
  /** a session whose token was issued before the swap and is used to its end */
  readonly cloud: Cloud
  readonly listing: Listing
  readonly images: Readonly<Record<string, string>>
  readonly attachments: readonly Attachment[]
  readonly stack: string
  /** compute services and agents that report as up */
  readonly up: readonly string[]
  readonly units: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, string>>
  readonly etc: Readonly<Record<string, string>>
  readonly config: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
}

/** Records everything that the proofs compare from the serving cloud. */
export const askBefore = async (place: Place): Promise<Before> => {
  const facts = readFacts(place)
  const admin = await askAdmin()
  const cloud = await login(admin)
  return {
    facts,
    admin,
    cloud,
    listing: await askListing(cloud),
    images: await askImages(cloud),
    attachments: await askAttachments('source'),
    stack: await askStack(admin, facts),
    up: await askUp(cloud),
    units: await askUnits('source'),
    tables: await askServingTables(),
    etc: await askFiles('source', ['/etc']),
    config: await askFiles('source', configFolders),
    data: await askFiles('source', dataFolders),
  }
}
