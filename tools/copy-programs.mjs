// The second half of `npm run build`: copies the programs that run on other machines beside the code that reads them,
// because tsc does not. Removes those of an earlier build first.
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const isProgram = (name) => /\.(sh|py|awk|css)$/.test(name)
const programsIn = (folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isProgram)

const from = join(import.meta.dirname, '../src')
const to = join(process.argv[2] ?? 'dist', 'src')
for (const name of programsIn(to)) rmSync(join(to, name))
for (const name of programsIn(from)) cpSync(join(from, name), join(to, name))
