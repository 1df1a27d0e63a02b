export interface Interrupt {
  /** aborted by the first Ctrl-C: running work may end, nothing new begins */
  readonly signal: AbortSignal
  /** aborted by the second: stop at once */
  readonly now: AbortSignal
  dispose(): void
}

/**
 * Listens for SIGINT and SIGTERM until disposed. A third signal ends the process the usual way. `reading`: the command
 * changes nothing, so the first signal stops it at once.
 */
export const onInterrupt = (say: (text: string) => void, reading = false): Interrupt => {
  const gently = new AbortController()
  const now = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const dispose = () => {
    for (const signal of signals) process.off(signal, hear)
  }
  const hear = () => {
    if (!gently.signal.aborted && !reading) {
      say('Stopping after the running steps end; press Ctrl-C again to stop now.')
      gently.abort()
      return
    }
    say('Stopping now.')
    gently.abort()
    now.abort()
    dispose()
  }
  for (const signal of signals) process.on(signal, hear)
  return { signal: gently.signal, now: now.signal, dispose }
}
