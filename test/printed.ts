import { vi } from 'vitest'
import { program } from '../src/program.ts'

/** The output of a command line without settings. */
export const printed = async (...words: readonly string[]): Promise<string> => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await program.parseAsync(['-c', '/nowhere/swapctl.ini', ...words], { from: 'user' })
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}
