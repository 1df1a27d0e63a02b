import { Transform } from 'node:stream'

/** Lets at most so many bytes per second through; time in which nothing came is not made up for. */
export const slowed = (rate: number): Transform => {
  let next = 0
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      const now = Date.now()
      next = Math.max(now, next) + (chunk.length / rate) * 1000
      setTimeout(() => done(undefined, chunk), next - now)
    },
  })
}
