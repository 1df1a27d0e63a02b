import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Step } from '../../src/engine/step.ts'
import type { Db } from '../../src/hosts/db.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import { calmOf } from '../../src/staged/calm.ts'
import { follow } from '../../src/staged/follow.ts'
import { importSteps } from '../../src/staged/import.ts'
import { finishStagedStep, stageDatabaseSteps } from '../../src/staged/steps.ts'
import { importSteps as wholeSteps } from '../../src/transfer/import.ts'
import { compareContent } from '../../src/verify/content.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
let from: Db
let to: Db

/** The next dump on the source is killed once rows of it have arrived. */
let cutNext = false

const arrived = async (): Promise<number> =>
  Number(
    (await to.rows<{ n: number }>('SELECT COUNT(*) AS n FROM swapctl_staged_cloud.plain').catch(() => []))[0]?.n ?? 0,
  )

const cutWhenArrived = async (job: { kill(): void }): Promise<void> => {
  while ((await arrived()) === 0) await new Promise((wake) => setTimeout(wake, 50))
  job.kill()
}

const hosts = (name: HostName): Host => {
  if (name !== 'source') return target.host
  const spawn: Host['spawn'] = async ({ argv, ...rest }) => {
    const recorded = ['env', `PATH=${join(source.directory, 'bin')}:${process.env['PATH']}`, ...argv] as const
    const job = await source.host.spawn({ ...rest, argv: recorded })
    if (cutNext) void cutWhenArrived(job)
    cutNext = false
    return job
  }
  return { ...source.host, spawn }
}

const contextOf = (more: object = {}): Context =>
  ({
    config: {
      name: 'test',
      parallel: 2,
      stageRate: 0,
      source: { machines: [{ name: 'source' }] },
      target: { machines: [{ name: 'target' }] },
      ...more,
    },
    survey: {
      members: [{ name: 'source', clients: 0 }],
      services: [
        {
          name: 'keystone',
          databases: [
            { name: 'cloud', repo: 'keystone', charset: 'utf8', collation: 'utf8_unicode_ci', bytes: 1e6, hops: [] },
          ],
        },
      ],
    },
    hosts,
    recipes: [keystoneRecipe],
  }) as unknown as Context

const only = (steps: readonly Step[]): Step => {
  expect(steps).toHaveLength(1)
  return steps[0] as Step
}

const told: string[] = []

const doStep = async (step: Step): Promise<string> => {
  const tools = { hosts, fixups: async () => '', follow }
  for (const action of await step.run()) await perform(action, tools, { progress: (text) => void told.push(text) })
  return (await step.proof?.()) ?? ''
}

const stage = (context = contextOf()): Promise<string> => doStep(only(stageDatabaseSteps(context, keystoneRecipe)))
const freeze = (): Promise<string> => doStep(only(importSteps(contextOf(), keystoneRecipe, [])))
const whole = (): Promise<string> => doStep(only(wholeSteps(contextOf(), keystoneRecipe, [])))

const copies = async () => (await to.rows("SHOW DATABASES LIKE 'swapctl%'")).length

/** What the source's dump programs were given, a word per line. */
const words = async (): Promise<string> => readFile(join(source.directory, 'words'), 'utf8')

/** The real program under its name, which first writes down its words. */
const recordDumps = async (): Promise<void> => {
  const { stdout: real } = await execa('sh', ['-c', 'command -v mariadb-dump'])
  await mkdir(join(source.directory, 'bin'))
  await writeFile(
    join(source.directory, 'bin', 'mariadb-dump'),
    `#!/bin/sh\nprintf '%s\\n' "$@" >>'${source.directory}/words'\nexec '${real}' "$@"\n`,
    { mode: 0o755 },
  )
}

/** All of the target's database as text, each row on a line; tables without a primary key have no order of rows. */
const picture = async (): Promise<string> => {
  const { stdout } = await execa('mariadb-dump', [
    '--no-defaults',
    `--socket=${target.socket}`,
    ...['--routines', '--triggers', '--events', '--hex-blob', '--order-by-primary', '--skip-comments'],
    'cloud',
  ])
  return stdout
    .split(/(?=^INSERT INTO )/m)
    .map((part) =>
      part.replace(/^INSERT INTO[\s\S]*?\);$/m, (all) => all.replace(/;$/, ',').split('\n').sort().join('\n')),
    )
    .join('')
}

const differences = async () => (await compareContent(hosts, { database: 'cloud', parallel: 2 })).differences

/** The freeze with the copy made ahead gives what a whole import gives, to the byte. */
const proveLikeWhole = async (): Promise<string> => {
  const says = await freeze()
  expect(await differences()).toEqual([])
  const mine = await picture()
  expect(await copies()).toBe(0)
  await whole()
  expect(mine).toBe(await picture())
  return says
}

/** Bytes that the source's server has sent so far: to dumps and to questions. */
const sent = async (): Promise<number> =>
  Number((await from.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Bytes_sent'"))[0]?.Value)

beforeAll(async () => {
  ;[source, target] = await Promise.all([
    startMariadb('--log-bin', '--server-id=1'),
    startMariadb('--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci'),
  ])
  ;[from, to] = await Promise.all([source.db(), target.db()])
  await recordDumps()
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

const tables = `
  CREATE TABLE plain (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(64), uniq INT NULL UNIQUE, at DATETIME NULL, ratio FLOAT, exact DOUBLE, sum DECIMAL(20,6), flags BIT(3) NULL, data LONGBLOB, kind ENUM('a','b') NULL, twice INT AS (uniq * 2) STORED, half INT AS (uniq / 2) VIRTUAL);
  CREATE TABLE pairs (zone VARCHAR(20) COLLATE utf8_general_ci, host VARBINARY(20), day DATE, n BIGINT UNSIGNED, text TEXT, PRIMARY KEY (zone, host, day)) CHARSET=utf8;
  CREATE TABLE uuids (uuid CHAR(36) CHARACTER SET latin1 PRIMARY KEY, stamp TIMESTAMP NULL, body MEDIUMTEXT) CHARSET=utf8;
  CREATE TABLE times (stamp TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00', n INT, PRIMARY KEY (stamp, n));
  CREATE TABLE keyless (a INT NULL, b VARCHAR(30));
  CREATE TABLE nearly (a INT NULL UNIQUE, b VARCHAR(30));
  CREATE TABLE common (a INT NOT NULL, b VARCHAR(30), KEY (a));
  CREATE TABLE nothing (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=77;
  CREATE TABLE later (id INT PRIMARY KEY);
  CREATE TABLE \`we ird's "table"\` (\`co\`\`l\` INT PRIMARY KEY, v INT);
  CREATE TABLE old (id INT PRIMARY KEY, name VARCHAR(60)) CHARSET=latin1;
  CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES plain (id) ON DELETE CASCADE);`

const rows = `
  SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
  INSERT INTO plain (id, name, uniq, at, ratio, exact, sum, flags, data, kind) SELECT seq * 2, CONCAT('näme ', seq), seq, '2026-01-01 10:00:00', seq / 7, seq / 7, seq / 7, seq % 8, UNHEX(SHA2(seq, 512)), IF(seq % 3, 'a', NULL) FROM seq_0_to_50000;
  UPDATE plain SET at = '0000-00-00 00:00:00' WHERE id % 100 = 0;
  UPDATE plain SET name = 'a);\\nINSERT INTO old VALUES (9, NULL);\\n-- swapctl: rest\\n' WHERE id = 8;
  INSERT INTO pairs SELECT CONCAT('Zone', seq % 7), CONCAT('h', seq), '2026-03-29', seq, REPEAT('x', seq % 90) FROM seq_1_to_30000;
  INSERT INTO uuids SELECT MD5(seq), '2026-03-29 02:30:00', REPEAT(MD5(seq), 5) FROM seq_1_to_20000;
  INSERT INTO times SELECT '2026-10-25 02:30:00' + INTERVAL seq MINUTE, seq FROM seq_1_to_3000;
  INSERT INTO keyless SELECT IF(seq % 5, seq, NULL), 'k' FROM seq_1_to_500;
  INSERT INTO keyless SELECT IF(seq % 5, seq, NULL), 'k' FROM seq_1_to_500;
  INSERT INTO nearly SELECT seq, 'n' FROM seq_1_to_500;
  INSERT INTO common SELECT seq % 50, CONCAT('c', seq) FROM seq_1_to_5000;
  INSERT INTO \`we ird's "table"\` VALUES (1, 1), (2, 2);
  INSERT INTO old VALUES (1, X'ffc32881e980'), (2, CONVERT(X'5a6fc3ab' USING latin1));
  INSERT INTO child SELECT id, id FROM plain WHERE id > 0 AND id < 5000;
  CREATE DEFINER=\`keystone\`@\`%\` TRIGGER loud BEFORE INSERT ON plain FOR EACH ROW SET NEW.name = CONCAT(NEW.name, '!');
  CREATE TRIGGER gone AFTER DELETE ON plain FOR EACH ROW DELETE FROM old;
  CREATE VIEW names AS SELECT name FROM plain;
  CREATE VIEW both_names AS SELECT a.name FROM names a JOIN old b;
  DELIMITER //
  CREATE FUNCTION three() RETURNS INT DETERMINISTIC RETURN 3 //
  CREATE VIEW with_function AS SELECT three() AS n //
  CREATE PROCEDURE twice() BEGIN SELECT 1; SELECT 2; END //
  CREATE EVENT never ON SCHEDULE EVERY 1 YEAR DO DELETE FROM old //`

beforeEach(async () => {
  told.length = 0
  await to.run('DROP DATABASE IF EXISTS swapctl_staged_cloud')
  await to.run('DROP DATABASE IF EXISTS cloud')
  await from.run('CREATE OR REPLACE DATABASE cloud CHARACTER SET utf8 COLLATE utf8_unicode_ci')
  await source.load('cloud', tables)
  await source.load('cloud', rows)
})

/** What a cloud does between two stages; the bounds of chunks are at 500 to 20000 rows. */
const changes = `
  SET SESSION sql_mode = '', foreign_key_checks = 0;
  DROP TRIGGER gone; DROP TRIGGER loud;
  UPDATE plain SET name = 'other' WHERE id IN (0, 2, 39996, 39998, 40000, 40002, 100000);
  UPDATE plain SET flags = NULL, at = NULL WHERE id = 500;
  UPDATE plain SET ratio = -0.0, exact = 1e-300 WHERE id = 502;
  UPDATE plain SET uniq = -1 WHERE id = 20; UPDATE plain SET uniq = 10 WHERE id = 80000; UPDATE plain SET uniq = 40000 WHERE id = 20;
  DELETE FROM plain WHERE id IN (4, 39994, 99998) OR id BETWEEN 60000 AND 60100;
  INSERT INTO plain (id, name) VALUES (5, 'new'), (39997, 'new'), (200001, 'last');
  DELETE FROM plain WHERE id = 200001;
  UPDATE pairs SET text = NULL WHERE zone = 'zone3' AND n % 500 = 3;
  UPDATE pairs SET zone = 'zONE4' WHERE zone = 'Zone4' AND n < 200;
  INSERT INTO pairs VALUES ('', '', '2000-01-01', 18446744073709551615, 'édge'), ('zzzz', X'00ff', '2026-01-01', 1, '');
  UPDATE uuids SET stamp = NULL WHERE uuid LIKE 'ab%';
  DELETE FROM uuids WHERE uuid LIKE 'cd%';
  INSERT INTO times VALUES ('2026-10-25 00:30:00', 1), ('2026-10-25 01:30:00', 1);
  DELETE FROM keyless WHERE a = 7 LIMIT 1;
  UPDATE nearly SET b = 'm' WHERE a = 9;
  INSERT INTO nearly VALUES (NULL, 'x'), (NULL, 'x');
  DELETE FROM common WHERE b = 'c77'; UPDATE common SET b = 'd' WHERE b = 'c78';
  INSERT INTO later VALUES (1);
  DELETE FROM \`we ird's "table"\` WHERE v = 1;
  DELETE FROM old;
  DELETE FROM child WHERE id < 100;
  CREATE DEFINER=\`keystone\`@\`%\` TRIGGER loud BEFORE INSERT ON plain FOR EACH ROW SET NEW.name = CONCAT(NEW.name, '!');`

test('what changed since the stage is carried in the freeze, and gives what a whole import gives', async () => {
  const before = JSON.stringify([await from.rows('SHOW MASTER STATUS'), await from.rows('CHECKSUM TABLE cloud.plain')])
  expect(await stage()).toBe('12 tables, 12 copied anew, 0 tables had rows that differed')
  const after = JSON.stringify([await from.rows('SHOW MASTER STATUS'), await from.rows('CHECKSUM TABLE cloud.plain')])
  expect(after).toBe(before)
  await source.load('cloud', changes)
  const copied = told.length
  const says = await proveLikeWhole()
  expect(says).toMatch(
    /12 tables with equal definitions; with the copy made ahead: 12 tables, 1 copied anew, \d+ rows compared, 9 tables had rows that differed/,
  )
  expect(told.slice(copied).join('\n')).not.toContain('copied whole')
})

test('no program is told a key, which may be a token, by its words', async () => {
  await stage()
  await source.load('cloud', "UPDATE uuids SET stamp = NULL WHERE uuid LIKE 'ab%'; DELETE FROM common WHERE a = 3")
  expect(await proveLikeWhole()).toContain('2 tables had rows that differed')
  expect(await words()).toContain('/dev/fd/3')
  expect(await words()).not.toMatch(/where|[0-9a-f]{32}|X'/i)
})

test('rows whose keys an option file cannot say are carried with their whole table', async () => {
  const wide = (word: string) => `CONCAT(REPEAT('${word}', 700), seq)`
  await source.load(
    'cloud',
    `CREATE TABLE wide (a VARCHAR(750), b VARCHAR(20), PRIMARY KEY (a)) CHARSET=utf8mb4;
     INSERT INTO wide SELECT ${wide('ж')}, 'x' FROM seq_1_to_900; CREATE TABLE \`has # it\` (\`i#d\` INT PRIMARY KEY, v INT);
     INSERT INTO \`has # it\` SELECT seq, seq FROM seq_1_to_50`,
  )
  await stage()
  await source.load('cloud', "UPDATE wide SET b = 'y' LIMIT 3; UPDATE `has # it` SET v = 0 WHERE `i#d` = 7")
  expect(await proveLikeWhole()).toContain('2 tables had rows that differed')
})

test('a repeated stage carries only rows that differ', async () => {
  const first = await sent()
  await stage()
  const again = await sent()
  await stage()
  const still = await sent()
  await source.load('cloud', changes)
  await stage()
  const changed = await sent()
  expect(still - again).toBeLessThan((again - first) / 10)
  expect(changed - still).toBeLessThan((again - first) / 2)
  expect(await proveLikeWhole()).toContain('0 tables had rows that differed')
})

test('tables that were added, dropped or altered since the stage are copied anew', async () => {
  await stage()
  await source.load(
    'cloud',
    `DROP TABLE later; CREATE TABLE more (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT); INSERT INTO more (t) VALUES ('x');
     ALTER TABLE uuids ADD COLUMN extra INT DEFAULT 5; ALTER TABLE pairs ADD INDEX (n); DROP VIEW both_names;`,
  )
  expect(await proveLikeWhole()).toContain('3 copied anew')
})

test('a copy that broke off goes on where it is', async () => {
  await source.load('cloud', 'INSERT INTO uuids SELECT MD5(seq + 0.5), NULL, REPEAT(SHA1(seq), 200) FROM seq_1_to_8000')
  cutNext = true
  await expect(stage(contextOf({ stageRate: 5e5 }))).rejects.toThrow()
  expect(await arrived()).toBeGreaterThan(0)
  expect(await stage()).not.toContain('12 copied anew')
  expect(await stage()).toMatch(/0 tables had rows that differed/)
  await proveLikeWhole()
})

test('rows of the copy that somebody changed are put right in the freeze', async () => {
  await stage()
  await to.run("UPDATE swapctl_staged_cloud.plain SET name = 'wrong' WHERE id IN (6, 70000)")
  await to.run('DELETE FROM swapctl_staged_cloud.common WHERE a = 3')
  await to.run("INSERT INTO swapctl_staged_cloud.keyless VALUES (1, 'k')")
  await to.run('ALTER TABLE swapctl_staged_cloud.plain AUTO_INCREMENT = 999999')
  await proveLikeWhole()
})

test('a copy that cannot be used is left, and the database is copied whole', async () => {
  await stage()
  await to.run('ALTER TABLE swapctl_staged_cloud.plain ADD CHECK (sum < 1e6)')
  await source.load('cloud', 'UPDATE plain SET sum = 2e6 WHERE id = 40')
  expect(await proveLikeWhole()).toContain('cloud is copied whole, because its copy made ahead could not be used')
})

test('a database with a sequence is not copied ahead, and is told', async () => {
  await stage()
  await source.load('cloud', 'CREATE SEQUENCE counted')
  expect(await stage()).toBe(
    'cloud is not copied ahead: counted is neither an ordinary table nor a view; migrate copies it whole',
  )
  expect(await copies()).toBe(0)
  expect(await proveLikeWhole()).toBe('13 tables with equal definitions')
})

test('without a stage the import is the whole one', async () => {
  const context = contextOf()
  const [mine, other] = [only(importSteps(context, keystoneRecipe, [])), only(wholeSteps(context, keystoneRecipe, []))]
  expect(await mine.run()).toEqual(await other.run())
})

test('the undo of a stage and finish leave no copy behind', async () => {
  await stage()
  const step = only(stageDatabaseSteps(contextOf(), keystoneRecipe))
  for (const action of await step.undo()) await perform(action, { hosts, fixups: async () => '' })
  expect(await copies()).toBe(0)
  await stage()
  expect(await doStep(finishStagedStep(contextOf()))).toBe('none left')
  expect(await copies()).toBe(0)
})

test('a copy is sent at most at the rate that was given', async () => {
  const began = Date.now()
  await stage(contextOf({ stageRate: 1e6 }))
  expect(Date.now() - began).toBeGreaterThan(2500)
  expect(await proveLikeWhole()).toContain('0 tables had rows that differed')
})

test('while more threads run on the source, the next chunk waits, but not for ever', async () => {
  const said: string[] = []
  const began = Date.now()
  await calmOf(from, (text) => void said.push(text), 0, 2)()
  expect(Date.now() - began).toBeGreaterThan(1900)
  expect(said[0]).toMatch(/^waiting: \d+ threads run on the source's MariaDB, more than 0$/)
  await calmOf(from, () => expect.unreachable(), 1000)()
})
