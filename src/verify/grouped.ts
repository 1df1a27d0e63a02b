/** Groups items by `of`, in the order of first occurrence. */
export const grouped = <T>(things: readonly T[], of: (thing: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const thing of things) groups.set(of(thing), [...(groups.get(of(thing)) ?? []), thing])
  return groups
}
