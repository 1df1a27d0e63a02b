import { open } from 'node:fs/promises'
import { block, type Check, type Message } from '../ask/check.ts'
import { type HopEnvironment, neededHops } from '../target/hop-step.ts'
import { askUnfit } from '../target/hop-there.ts'

const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

const unreadable = async (file: string, { title, place, path }: HopEnvironment): Promise<readonly Message[]> => {
  const remedy = `Correct archive in ${title} of ${file}`
  try {
    const archive = await open(path)
    try {
      const { buffer } = await archive.read(Buffer.alloc(4), 0, 4)
      return buffer.equals(zstdMagic) ? [] : [block(`${path} is not a zstd-compressed tar archive`, remedy)]
    } finally {
      await archive.close()
    }
  } catch (error) {
    return [block(`the hop environment of ${place.name} is missing: ${(error as Error).message}`, remedy)]
  }
}

const environments: Check['ask'] = async (context) => {
  const found = await Promise.all(
    neededHops(context).map(async (hop) =>
      hop.form === 'archive'
        ? unreadable(context.config.file, hop)
        : (await askUnfit(context, hop)).map(({ says, remedy }) => block(says, remedy)),
    ),
  )
  return found.flat()
}

export const hopChecks: readonly Check[] = [
  {
    id: 'target/hops',
    level: 'block',
    title: 'The hop environments are there, and of the right release',
    source: 'runbooks/01-prepare.md: the forms of a hop environment',
    why: 'migrate would fail after the freeze because the schema tools are missing, or of another release.',
    remedy: 'Do what the finding says, or fix archive, tree or venv in [hop RELEASE].',
    ask: environments,
  },
]
