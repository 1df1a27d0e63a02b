import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

const program = join(import.meta.dirname, '..', '..', 'src', 'checks', 'imports.py')
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'imports-'))
  const files = {
    'service/__init__.py': 'raise AttributeError("not without its objects")\n',
    'service/manager.py': 'import service.objects\nclass Manager:\n    pass\n',
    'service/drivers/more/__init__.py': '',
    'service/old.py': 'print "not Python 3"\nclass Old:\n    pass\n',
    'service/drivers/disk.py': 'class Disk:\n    pass\n',
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** The names that the program reports as missing. */
const missing = async (names: readonly string[]): Promise<readonly string[]> => {
  const wanted = JSON.stringify(names.map((name) => ['', name]))
  const { stdout } = await execa('python3', [program, 'service', wanted], { env: { PYTHONPATH: root } })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [names[Number(line)] ?? '']))
}

test('classes and modules are found in files, without running a package that fails when imported', async () => {
  const there = ['service.manager.Manager', 'service.drivers.disk.Disk', 'service.drivers.disk', 'service.drivers.more']
  const gone = [
    'service.manager.Gone',
    'service.gone.Manager',
    'service.drivers.tape',
    'service.old.Old',
    'other.manager.Manager',
  ]
  expect(await missing([...there, ...gone])).toEqual(gone)
})
