import { chmod, copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { besideOf } from '../../src/ask/databases.ts'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Finding } from '../../src/engine/step.ts'
import { askBlockers, countBlockers } from '../../src/hops/blockers.ts'
import { planServiceHops } from '../../src/hops/hops.ts'
import { askRevision } from '../../src/hops/revision.ts'
import type { Db } from '../../src/hosts/db.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { findRelease } from '../../src/releases/release.ts'
import { recipeOf } from '../../src/services/index.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { madeSteps } from '../../src/target/made.ts'
import { schemaSteps } from '../../src/target/schema.ts'
import { historicText, startFast } from './historic.ts'
import type { Server } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'
import { factsOf } from './tool-facts.ts'

/** From databases of an old release to the target's, with stand-ins for the releases' tools. */
export interface Jump {
  readonly service: string
  readonly to: string
  /** by database: its file in test/fixtures/historic-schemas ('rows/kilo/nova') */
  readonly from: Readonly<Record<string, string>>
  /** available environments; any when absent */
  readonly available?: readonly string[]
  /** statements for a database before the jump */
  readonly rows?: Readonly<Record<string, string>>
}

export interface Ended {
  readonly hops: readonly string[]
  /** findings of migrations before the jump: 'level id' */
  readonly found: readonly string[]
  /** the calls in order: 'newton nova-manage db sync' */
  readonly calls: readonly string[]
  /** results of the proofs by step */
  readonly proofs: Readonly<Record<string, string>>
  /** revisions by database */
  readonly revisions: Readonly<Record<string, string>>
  /** the error, if it stopped */
  readonly stopped?: string
}

/** A stand-in for systemd-run that only knows in which tree a unit runs. */
const run = `#!/bin/bash
while [[ $1 == --* ]]; do
  case $1 in --property=RootDirectory=*) export TREE=\${1##*/} ;; esac
  shift
done
exec "$@"
`

const programs = ['keystone', 'glance', 'placement', 'cinder', 'nova', 'heat']

export interface Bed {
  jump(jump: Jump): Promise<Ended>
  stop(): Promise<void>
}

/** A machine with MariaDB and stand-ins for the tools of every release. */
export const startBed = async (): Promise<Bed> => {
  const server = await startFast()
  const side = await startSide('target', ['/var/lib/swapctl'], server.host)
  const directory = await mkdtemp(join(tmpdir(), 'jumps-'))
  await copyFile(new URL('schema-tool.py', import.meta.url), join(directory, 'tool'))
  await writeFile(join(directory, 'tool'), `#!/usr/bin/python3\n${await readFile(join(directory, 'tool'), 'utf8')}`)
  await chmod(join(directory, 'tool'), 0o755)
  for (const name of [...programs.map((one) => `${one}-manage`), 'neutron-db-manage'])
    await symlink(join(directory, 'tool'), join(directory, name))
  await writeFile(join(directory, 'systemd-run'), run, { mode: 0o755 })
  await side.sh('mkdir -p /var/lib/swapctl/test')
  const db = await server.db()
  const machine: Machine = { server, side, directory, db, host: at(directory, side.host) }
  return {
    jump: (jump) => carry(machine, jump),
    stop: async () => {
      await side.stop()
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

interface Machine {
  readonly server: Server
  readonly side: Side
  readonly directory: string
  readonly db: Db
  readonly host: Host
}

const at = (directory: string, host: Host): Host => {
  const found = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: ['env', `PATH=${directory}:${process.env['PATH']}`, `DATA=${directory}`, ...argv] as Argv,
  })
  return { ...host, run: (command) => host.run(found(command)), spawn: (command) => host.spawn(found(command)) }
}

const carry = async (machine: Machine, jump: Jump): Promise<Ended> => {
  const { db, server, directory } = machine
  const recipe: Recipe = { ...recipeOf(jump.service), user: 'root' }
  for (const { name } of recipe.databases) await db.run(`DROP DATABASE IF EXISTS ${name}`)
  for (const [name, file] of Object.entries(jump.from)) {
    await db.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`)
    await server.load(name, historicText(file))
    await server.load(name, `SET foreign_key_checks = 0; SET sql_mode = ''; ${jump.rows?.[name] ?? ''}`)
  }
  await writeFile(join(directory, 'facts.json'), factsOf(jump.to))
  await writeFile(join(directory, 'calls'), '')
  const { context, hops, found } = await surveyed(machine, recipe, jump)
  const proofs: Record<string, string> = {}
  const stopped = await walk(context, recipe, proofs)
  const calls = (await readFile(join(directory, 'calls'), 'utf8')).trim().split('\n').filter(Boolean)
  const revisions: Record<string, string> = {}
  for (const { name, repo } of recipe.databases) revisions[name] = (await askRevision(db, repo, name)).join(' ')
  return { hops, found, calls, proofs, revisions, ...(stopped === undefined ? {} : { stopped }) }
}

/** swapctl's own survey of the databases. */
const surveyed = async ({ db, host }: Machine, recipe: Recipe, { from, to, available }: Jump) => {
  const target = findRelease(to)
  const named = recipe.databases.filter(({ name }) => from[name] !== undefined)
  const beside = besideOf(named)
  const wheres = []
  for (const { repo, name: database } of named)
    wheres.push({ repo, database, beside, revision: await askRevision(db, repo, database) })
  let blockers: Readonly<Record<string, number>> = {}
  for (const where of wheres) blockers = { ...blockers, ...(await countBlockers(db, where, target)) }
  const plan = planServiceHops(wheres, { target, blockers, available: available?.map((one) => findRelease(one)) })
  const hops = plan.hops.map(({ id }) => id)
  const found: Finding[] = []
  for (const where of wheres) found.push(...(await askBlockers(db, where, plan.hops)))
  const databases = wheres.map(({ repo, database: name, revision }) => ({
    ...{ name, repo, revision, hops, charset: 'utf8mb3', collation: 'utf8mb3_general_ci' },
    ...{ bytes: 0, tables: 0, releases: [] },
  }))
  const context = {
    config: { name: 'test', release: target.id, file: 'swapctl.ini', hops: [], limits: undefined },
    survey: { services: [{ name: recipe.name, release: '', version: '', running: [], databases }] },
    hosts: () => host,
    recipes: [recipe],
  } as unknown as Context
  return { context, hops, found: found.map(({ level, id }) => `${level} ${id}`) }
}

/** Runs the steps in order; the first failure ends it, with its message. */
const walk = async (context: Context, recipe: Recipe, proofs: Record<string, string>): Promise<string | undefined> => {
  try {
    for (const step of [...madeSteps(context, recipe, []), ...schemaSteps(context, recipe, [], [])]) {
      const tools = { hosts: context.hosts, fixups: async () => '' }
      for (const action of await step.run()) await perform(action, tools)
      proofs[step.id] = (await step.proof?.()) ?? ''
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
