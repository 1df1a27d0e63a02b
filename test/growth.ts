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

/** How much longer a work takes with 8 times the text: 8 when linear, 64 when quadratic. */
export const growth = (work: (text: string) => void, make: (n: number) => string): number => {
  const [small, large] = [make(30_000), make(240_000)]
  work(small)
  const least = Math.max(
    spent(() => work(small)),
    1_000,
  )
  return spent(() => work(large)) / least
}
