/** A statement about the real cloud, tested without swapctl, with a measurement as its result. */
export interface Proof {
  readonly name: string
  /** the measurement in one line; throws with the difference */
  readonly run: () => Promise<string>
}

export interface Proven {
  readonly name: string
  readonly held: boolean
  readonly says: string
  readonly seconds: number
}

/** Runs the proofs in sequence and reports each result. */
export const prove = async (
  proofs: readonly Proof[],
  tell: (proven: Proven) => void = () => {},
): Promise<readonly Proven[]> => {
  const results: Proven[] = []
  for (const proof of proofs) {
    const began = performance.now()
    const answer = await proof.run().then(
      (says) => ({ held: true, says }),
      (error: unknown) => ({ held: false, says: error instanceof Error ? error.message : String(error) }),
    )
    const proven = { name: proof.name, ...answer, seconds: (performance.now() - began) / 1000 }
    results.push(proven)
    tell(proven)
  }
  return results
}

/** Throws if there are differences, naming at most 20. */
export const demandNone = (what: string, differences: readonly string[]): void => {
  if (differences.length === 0) return
  const shown = differences.slice(0, 20)
  const more = differences.length > shown.length ? [`and ${differences.length - shown.length} more`] : []
  throw new Error(`${what}:\n      ${[...shown, ...more].join('\n      ')}`)
}

/** The differences between two sets of named values. */
export const differences = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'missing'} became ${after[name] ?? 'missing'}`)
