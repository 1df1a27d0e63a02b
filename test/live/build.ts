import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A program of the tests that runs in its own process: to be killed, or in another network. */
export interface Built {
  /** the compiled program */
  readonly path: string
  /** its directory, deleted by `remove` */
  readonly directory: string
  remove(): void
}

/** Compiles a program (path below the project) and its imports to JavaScript, with the program files it reads. */
export const build = (program: string): Built => {
  const directory = mkdtempSync(join(tmpdir(), 'built-'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const compilerOptions = { noEmit: false, rootDir: root, outDir: join(directory, 'out') }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files: [join(root, program)], include: [] }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', directory], { stdio: 'inherit' })
  execFileSync(process.execPath, [join(root, 'tools/copy-programs.mjs'), join(directory, 'out')], { stdio: 'inherit' })
  return {
    directory,
    path: join(directory, 'out', program.replace(/\.ts$/, '.js')),
    remove: () => rmSync(directory, { recursive: true }),
  }
}
