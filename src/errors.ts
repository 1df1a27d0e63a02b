/** An error for the operator: where, what, what to do next. Exit codes: 1 a step failed, 2 usage or a refusal. */
export class SwapError extends Error {
  readonly where: string
  readonly next: string
  readonly exitCode: 1 | 2
  /** additional data for --json */
  readonly details: object | undefined
  /** a retry would fail in the same way */
  readonly final: boolean
  constructor(
    where: string,
    what: string,
    next: string,
    options: { cause?: unknown; exitCode?: 1 | 2; details?: object; final?: boolean } = {},
  ) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SwapError'
    this.where = where
    this.next = next
    this.exitCode = options.exitCode ?? 1
    this.details = options.details
    this.final = options.final ?? false
  }
}

/** A refusal before anything changed: exit code 2. */
export const refuse = (where: string, what: string, next: string, cause?: unknown): SwapError =>
  new SwapError(where, what, next, { exitCode: 2, ...(cause === undefined ? {} : { cause }) })
