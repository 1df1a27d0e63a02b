import type { Kind } from '../services/allowed.ts'
import type { ColumnPicture, ForeignKeyPicture, IndexPicture, Picture, TablePicture } from './schema-picture.ts'

/** One difference between two schemas. '' in `have` or `should`: absent on that side. */
export interface Finding {
  readonly table: string
  readonly kind: Kind
  /**
   * of the column, index, foreign key or trigger; for one that is only named differently, its definition; '' for the
   * table itself
   */
  readonly name: string
  readonly have: string
  readonly should: string
}

/** All differences, allowed or not. */
export const schemaFindings = (have: Picture, shouldHave: Picture): readonly Finding[] =>
  pairs(have.tables, shouldHave.tables).flatMap(([table, one, other]) =>
    one === undefined || other === undefined || one.kind !== other.kind
      ? [{ table, kind: 'table', name: '', have: kindOf(one), should: kindOf(other) }]
      : tableFindings(one, other).map((finding) => ({ ...finding, table })),
  )

type Own = Omit<Finding, 'table'>

const kindOf = (table: TablePicture | undefined): string => table?.kind.toLowerCase() ?? ''

const tableFindings = (have: TablePicture, should: TablePicture): readonly Own[] => [
  ...unequal('engine', '', have.engine, should.engine),
  ...unequal('table collation', '', have.collation, should.collation),
  ...pairs(have.columns, should.columns).flatMap(([name, one, other]) => columnFindings(name, one, other)),
  ...indexFindings(have.indexes, should.indexes),
  ...foreignKeyFindings(have.foreignKeys, should.foreignKeys),
  ...checkFindings(have.checks, should.checks),
  ...pairs(have.triggers, should.triggers).flatMap(([name, one, other]) => unequal('trigger', name, one, other)),
]

const unequal = (kind: Kind, name: string, have = '', should = ''): readonly Own[] =>
  have === should ? [] : [{ kind, name, have, should }]

const columnFindings = (name: string, have?: ColumnPicture, should?: ColumnPicture): readonly Own[] => {
  if (have === undefined || should === undefined) return unequal('column', name, columnText(have), columnText(should))
  return [
    ...unequal('type', name, have.type, should.type),
    ...unequal('nullability', name, nullText(have), nullText(should)),
    ...unequal('default', name, defaultOf(have), defaultOf(should)),
    ...unequal('extra', name, have.extra, should.extra),
    ...unequal('charset', name, have.charset, should.charset),
    ...unequal('collation', name, have.collation, should.collation),
  ]
}

const nullText = ({ nullable }: ColumnPicture): string => (nullable ? 'NULL' : 'NOT NULL')

/** A nullable column without a default has the default NULL; servers may or may not say so. */
const defaultOf = ({ default: value, nullable }: ColumnPicture): string =>
  nullable && value === 'NULL' ? '' : (value ?? '')

const columnText = (column: ColumnPicture | undefined): string => {
  if (column === undefined) return ''
  const value = defaultOf(column)
  const words = [
    column.type,
    nullText(column),
    value === '' ? '' : `DEFAULT ${value}`,
    column.extra,
    column.collation ?? '',
  ]
  return words.filter(Boolean).join(' ')
}

const indexText = (index: IndexPicture | undefined): string =>
  index === undefined
    ? ''
    : `${index.unique ? 'unique ' : ''}${index.kind === 'BTREE' ? '' : `${index.kind} `}(${index.columns.join(', ')})`

/** Compared by name, because later migrations drop by name. One that exists under another name is reported as that. */
const namedFindings = (kind: 'index' | 'foreign key', have: Texts, should: Texts): readonly Own[] => {
  const all = pairs(have, should)
  const [lone, wanted] = [all.filter(([, , other]) => other === undefined), all.filter(([, one]) => one === undefined)]
  const twins = lone.flatMap(([name, text]) => {
    const twin = wanted.find(([, , other]) => other === text)
    return twin === undefined ? [] : [{ text: text ?? '', have: name, should: twin[0] }]
  })
  const renamed = twins.map(({ text, ...names }) => ({ kind: `${kind} name` as const, name: text, ...names }))
  const others = all.filter(([name]) => !twins.some((twin) => twin.have === name || twin.should === name))
  return [...renamed, ...others.flatMap(([name, one, other]) => unequal(kind, name, one, other))]
}

type Texts = Readonly<Record<string, string>>

const indexFindings = (have: TablePicture['indexes'], should: TablePicture['indexes']): readonly Own[] => {
  const texts = (indexes: TablePicture['indexes']): Texts =>
    Object.fromEntries(Object.entries(indexes).map(([name, index]) => [name, indexText(index)]))
  return namedFindings('index', texts(have), texts(should))
}

const leadsTo = ({ columns, table, references }: ForeignKeyPicture): string =>
  `(${columns.join(', ')}) to ${table} (${references.join(', ')})`

const foreignKeyText = (key: ForeignKeyPicture): string =>
  `${leadsTo(key)} on delete ${key.onDelete} on update ${key.onUpdate}`

/** Generated names such as volumes_ibfk_1 depend on the order of creation, so such keys are compared by definition. */
const foreignKeyFindings = (have: TablePicture['foreignKeys'], should: TablePicture['foreignKeys']): readonly Own[] => {
  const texts = (keys: TablePicture['foreignKeys']): Texts =>
    Object.fromEntries(
      Object.entries(keys).map(([name, key]) => [
        /(_ibfk_|^)\d+$/.test(name) ? `unnamed ${leadsTo(key)}` : name,
        foreignKeyText(key),
      ]),
    )
  return namedFindings('foreign key', texts(have), texts(should))
}

const checkFindings = (have: readonly string[], should: readonly string[]): readonly Own[] => {
  const keyed = (checks: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(checks.map((clause) => [clause, clause]))
  return pairs(keyed(have), keyed(should)).flatMap(([clause, one, other]) =>
    unequal('check', '', one && clause, other && clause),
  )
}

/** For every name on either side, both sides' values, in order. */
const pairs = <T>(
  have: Readonly<Record<string, T>>,
  should: Readonly<Record<string, T>>,
): readonly (readonly [string, T | undefined, T | undefined])[] =>
  [...new Set([...Object.keys(have), ...Object.keys(should)])]
    .sort()
    .map((name) => [name, own(have, name), own(should, name)])

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined
