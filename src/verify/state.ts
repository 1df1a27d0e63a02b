import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Keeps what was found in the state directory, whole or not at all, for the operator alone. */
export const writeState = async (
  path: string,
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(value, replacer, 1)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
