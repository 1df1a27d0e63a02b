/** Where swapctl keeps things on the target; root only. */
const home = '/var/lib/swapctl'

/** Which swap the target belongs to: JSON {swap, source}. */
export const ownerFile = `${home}/owner.json`

export const swapDirectory = (swap: string): string => `${home}/${swap}`

export const backupDirectory = (swap: string): string => `${swapDirectory(swap)}/backup`

export const hopsDirectory = `${home}/hops`

/** All of them, those above first: each closed to everybody but root. */
export const directories = (swap: string): readonly string[] => [
  home,
  swapDirectory(swap),
  backupDirectory(swap),
  hopsDirectory,
]
