/** Times in which somebody waited, given in order of their start; overlapping ones are merged. */
export interface Gaps {
  add(from: number, to: number): void
  /** milliseconds */
  worst(): number
  total(): number
}

export const gaps = (): Gaps => {
  let [from, to, worst, total] = [0, 0, 0, 0]
  return {
    add: (begin, end) => {
      if (begin >= to) {
        total += to - from
        from = begin
        to = end
      } else {
        from = Math.min(from, begin)
        to = Math.max(to, end)
      }
      worst = Math.max(worst, to - from)
    },
    worst: () => worst,
    total: () => total + to - from,
  }
}
