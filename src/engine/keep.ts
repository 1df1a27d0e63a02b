import { perform, type Tools } from './perform.ts'
import type { Kept, Step } from './step.ts'

const keep = async ({ path, ask }: Kept, tools: Tools, progress?: (text: string) => void): Promise<void> =>
  perform({ kind: 'write', on: 'local', path, mode: '0600', content: await ask(progress) }, tools)

/** Asks for everything the step keeps, one after the other, and writes each to its file on this machine. */
export const keepSeen = async (
  { keeps = [] }: Pick<Step, 'keeps'>,
  tools: Tools,
  progress?: (text: string) => void,
): Promise<void> => {
  for (const kept of keeps) await keep(kept, tools, progress)
}
