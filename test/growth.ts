/** The minimum of five runs, to exclude other load. */
const spent = (work: () => void): number =>
  Math.min(
    ...Array.from({ length: 5 }, () => {
      const began = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(began)
      return user + system
    }),
  )

/** How often both are measured anew while the result looks worse than `enough`: load only ever adds to a time. */
const rounds = 3
const enough = 8

/** How much longer a work takes with 4 times the text: 4 when linear, 16 when quadratic. */
export const growth = (work: (text: string) => void, make: (n: number) => string): number => {
  const [small, large] = [make(60_000), make(240_000)]
  work(small)
  let [least, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 1; round <= rounds; round += 1) {
    least = Math.min(
      least,
      spent(() => work(small)),
    )
    most = Math.min(
      most,
      spent(() => work(large)),
    )
    if (most / Math.max(least, 1_000) < enough) break
  }
  return most / Math.max(least, 1_000)
}
