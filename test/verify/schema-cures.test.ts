import { expect, test } from 'vitest'
import type { Entry } from '../../src/engine/journal.ts'
import { adviceOn } from '../../src/verify/schema-advice.ts'
import { curesOf } from '../../src/verify/schema-cures.ts'
import { decided, decisionOf, decisionsOf, pathOf, possible } from '../../src/verify/schema-decisions.ts'
import { type Finding, schemaFindings } from '../../src/verify/schema-findings.ts'
import type { ColumnPicture, Picture, TablePicture } from '../../src/verify/schema-picture.ts'

const text = (type: string, charset = 'utf8mb3', collation = `${charset}_general_ci`): ColumnPicture => ({
  type,
  nullable: true,
  default: 'NULL',
  extra: '',
  charset,
  collation,
})

const table = (more: Partial<TablePicture> = {}): TablePicture => ({
  kind: 'BASE TABLE',
  engine: 'InnoDB',
  collation: 'utf8mb3_general_ci',
  columns: { note: text('text') },
  indexes: {},
  foreignKeys: {},
  checks: [],
  triggers: {},
  ...more,
})

const picture = (tables: Readonly<Record<string, TablePicture>>): Picture => ({
  database: 'cloud',
  repo: 'nova',
  tables,
})

const cures = (have: Readonly<Record<string, TablePicture>>, should: Readonly<Record<string, TablePicture>>) => {
  const [one, other] = [picture(have), picture(should)]
  return curesOf(schemaFindings(one, other), one, other)
}

test('a charset is converted column by column, and TEXT stays TEXT', () => {
  const latin = { collation: 'latin1_swedish_ci', columns: { note: text('text', 'latin1', 'latin1_swedish_ci') } }
  expect(cures({ a: table(latin) }, { a: table() })).toEqual([
    'ALTER TABLE `cloud`.`a` DEFAULT CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci, MODIFY `note` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NULL DEFAULT NULL',
  ])
  expect(cures({ a: table({ columns: { note: text('mediumtext') } }) }, { a: table() })).toEqual([
    'ALTER TABLE `cloud`.`a` MODIFY `note` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NULL DEFAULT NULL',
  ])
})

test('extra objects are dropped with the right statement', () => {
  const more = { v: table({ kind: 'VIEW' }), s: table({ kind: 'SEQUENCE' }), t: table() }
  expect(cures(more, {})).toEqual([
    'DROP SEQUENCE IF EXISTS `cloud`.`s`',
    'DROP TABLE IF EXISTS `cloud`.`t`',
    'DROP VIEW IF EXISTS `cloud`.`v`',
  ])
  expect(cures({ a: table({ triggers: { x: 'BEFORE INSERT: SET @a = 1' } }) }, { a: table() })).toEqual([
    'DROP TRIGGER IF EXISTS `cloud`.`x`',
  ])
  expect(cures({ a: table({ kind: 'SYSTEM VERSIONED' }) }, { a: table() })).toEqual([
    'ALTER TABLE `cloud`.`a` DROP SYSTEM VERSIONING',
  ])
})

test('an index under another name, one on other columns, a key, and a JSON column', () => {
  const index = (...columns: string[]) => ({ unique: false, kind: 'BTREE', columns })
  const key = { columns: ['note'], table: 'b', references: ['id'], onDelete: 'CASCADE', onUpdate: 'RESTRICT' }
  const have = table({ indexes: { old: index('note(9)'), i: index('note') }, foreignKeys: { ours: key } })
  const should = table({
    indexes: { fresh: index('note(9)'), i: index('id', 'note(20)') },
    foreignKeys: { theirs: { ...key, onDelete: 'RESTRICT' } },
  })
  expect(cures({ a: have }, { a: should })).toEqual([
    'ALTER TABLE `cloud`.`a` DROP FOREIGN KEY IF EXISTS `ours`, RENAME INDEX `old` TO `fresh`, DROP INDEX IF EXISTS `i`, ADD INDEX `i` (`id`, `note`(20))',
    'ALTER TABLE `cloud`.`a` ADD CONSTRAINT `theirs` FOREIGN KEY (`note`) REFERENCES `b` (`id`)',
  ])
  const json = table({ columns: { doc: text('longtext', 'utf8mb4') }, checks: ['json_valid(`doc`)'] })
  const plain = table({ columns: { doc: text('text', 'utf8mb4') } })
  expect(cures({ a: plain }, { a: json })[0]).toMatch(/ CHECK \(json_valid\(`doc`\)\)$/)
})

const view: Finding = { table: 'v', kind: 'table', name: '', have: 'view', should: '' }
const type: Finding = { table: 'a', kind: 'type', name: 'note', have: 'mediumtext', should: 'text' }
const missing: Finding = { table: 'b', kind: 'table', name: '', have: '', should: 'base table' }

test('the latest decision on a path or its parent counts; an impossible one is ignored', () => {
  const say = (...ids: string[]) => ids.flatMap((id) => decisionOf(id, 'why') ?? [])
  expect(pathOf('nova', type)).toBe('nova.a.note')
  expect(decided(say('schema/keep/nova', 'schema/drop/nova.v'), 'nova', view)?.choice).toBe('drop')
  expect(decided(say('schema/drop/nova.v', 'schema/keep/nova'), 'nova', view)?.choice).toBe('keep')
  // A drop applies to extra objects, which `match` does not concern.
  expect(decided(say('schema/drop/nova', 'schema/match/nova'), 'nova', view)?.choice).toBe('drop')
  expect(decided(say('schema/drop/nova'), 'nova', type)).toBeUndefined()
  expect(decided(say('schema/match/nov', 'schema/match/nova_api'), 'nova', type)).toBeUndefined()
  expect(decided(say('schema/keep/nova', 'schema/match/nova', 'schema/drop/nova'), 'nova', missing)).toBeUndefined()
  expect(possible(missing)).toEqual([])
  const entries = ['schema/drop/nova.v', 'nova/dead-services', 'schema/nonsense'].map(
    (check): Entry => ({ event: 'accepted', check, reason: 'why', at: '2026-11-30' }),
  )
  expect(decisionsOf({ entries })).toEqual([{ choice: 'drop', path: 'nova.v', reason: 'why' }])
})

test('each kind of difference has a fitting remedy, with commands that a shell accepts', () => {
  const odd = { ...view, table: "it's" }
  const charset: Finding = { table: 'a', kind: 'charset', name: 'note', have: 'latin1', should: 'utf8mb3' }
  const advice = adviceOn('nova', [charset, odd, type, missing])
  expect(advice.map(({ what }) => what)).toEqual([
    'missing objects that the release needs',
    'objects that only this cloud has',
    'other charsets or collations',
    'columns, indexes or keys that differ',
  ])
  expect(advice[0]?.remedy).not.toContain('--accept')
  expect(advice[1]?.remedy).toContain(`--accept 'schema/drop/nova.it'\\''s'`)
  expect(advice[2]?.remedy).toContain('swapctl check --accept schema/match/nova.a --reason TEXT')
})
