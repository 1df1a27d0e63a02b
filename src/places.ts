/** Where swapctl keeps its files on the target and on computes; root only. */
const home = '/var/lib/swapctl'

/** The swap that the target belongs to: JSON {swap, source}. */
export const ownerFile = `${home}/owner.json`

export const swapDirectory = (swap: string): string => `${home}/${swap}`

export const backupDirectory = (swap: string): string => `${swapDirectory(swap)}/backup`

export const hopsDirectory = `${home}/hops`

/** All directories, parents first; each accessible to root only. */
export const directories = (swap: string): readonly string[] => [
  home,
  swapDirectory(swap),
  backupDirectory(swap),
  hopsDirectory,
]

/** On a compute: what its settings files held before, and what swapctl wrote. */
export const retargetDirectory = (swap: string): string => `${swapDirectory(swap)}/retarget`

/** What the names of databases begin with that were copied to the target ahead of the freeze. */
export const stagedPrefix = 'swapctl_staged_'
