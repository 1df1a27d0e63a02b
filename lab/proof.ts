/** Something that must be true of the real cloud: asked without swapctl's help, answered with what was measured. */
export interface Proof {
  readonly name: string
  /** what was measured, as one line; throws with the difference */
  readonly run: () => Promise<string>
}

export interface Proven {
  readonly name: string
  readonly held: boolean
  readonly says: string
  readonly seconds: number
}

/** Tries every proof, one after the other, and tells each result as it comes. */
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

/** Throws with at most 20 of the differences when there are any. */
export const demandNone = (what: string, differences: readonly string[]): void => {
  if (differences.length === 0) return
  const shown = differences.slice(0, 20)
  const more = differences.length > shown.length ? [`and ${differences.length - shown.length} more`] : []
  throw new Error(`${what}:\n      ${[...shown, ...more].join('\n      ')}`)
}

/** What differs between two sets of named values. */
export const differences = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'missing'} became ${after[name] ?? 'missing'}`)
