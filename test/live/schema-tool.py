"""A stand-in for the schema tools of every release. It knows facts only: the calls that a release takes
(tool-facts.tsv), the oldest database that its migrations take, the rows that they refuse, and how a database
of it looks (historic-schemas). TREE: the release; DATA: a folder with facts.json and the log of calls."""

import gzip
import json
import os
import re
import subprocess
import sys

data = os.environ["DATA"]
facts = json.load(open(os.path.join(data, "facts.json")))
release = os.environ.get("TREE") or facts["own"]
order = facts["releases"]
program = os.path.basename(sys.argv[0])
project = program.split("-")[0]
words = sys.argv[1:]
while words[:1] == ["--config-file"]:
    words = words[2:]


def sql(text, database="mysql"):
    """Rows of a statement, each a list of words."""
    done = subprocess.run(["mariadb", "-NB", "--default-character-set=utf8mb4", database], input=text, text=True, capture_output=True)
    if done.returncode != 0:
        fail(99, "stand-in: " + done.stderr)
    return [line.split("\t") for line in done.stdout.splitlines()]


def fail(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)


def is_in(span):
    at = order.index(release)
    for word in span.split(" "):
        first, _, last = word.split("@")[0].partition("-")
        if order.index(first) <= at <= order.index(last or first):
            return True
    return False


def taken():
    """The tool-facts line of the call, if the release accepts these words."""
    for line in open(facts["facts"]).read().splitlines()[1:]:
        owner, call, arguments, span = line.split("\t")
        if owner != project or not is_in(span) or words[: len(call.split())] != call.split():
            continue
        rest = words[len(call.split()):]
        if all(word.split("=")[0] in arguments.split() for word in rest if word.startswith("--")):
            return call
    return None


def has(database, table, column=None):
    """Whether a table, or a column of it, exists."""
    more = " AND COLUMN_NAME = '%s'" % column if column else ""
    return sql("SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME = '%s'%s LIMIT 1" % (database, table, more)) != []


def number(database, repository):
    if not has(database, "migrate_version"):
        return 0
    found = sql("SELECT version FROM migrate_version WHERE repository_id = '%s'" % repository, database)
    return int(found[0][0]) if found else 0


def carried(database, name):
    """Recreates a database with the release's schema, keeping rows of tables and columns that stay."""
    path = os.path.join(facts["schemas"], release, name + ".sql.gz")
    sql("DROP DATABASE IF EXISTS stand_in_new; CREATE DATABASE stand_in_new CHARACTER SET utf8mb3")
    sql(gzip.open(path, "rt").read(), "stand_in_new")
    columns = sql(
        "SELECT a.TABLE_NAME, GROUP_CONCAT(CONCAT('`', a.COLUMN_NAME, '`')) FROM information_schema.COLUMNS a"
        " JOIN information_schema.COLUMNS b USING (TABLE_NAME, COLUMN_NAME) JOIN information_schema.TABLES t"
        " ON t.TABLE_SCHEMA = a.TABLE_SCHEMA AND t.TABLE_NAME = a.TABLE_NAME WHERE a.TABLE_SCHEMA = '%s'"
        " AND b.TABLE_SCHEMA = 'stand_in_new' AND a.TABLE_NAME NOT IN ('migrate_version', 'alembic_version')"
        " GROUP BY a.TABLE_NAME" % database
    )
    text = ["SET foreign_key_checks = 0; SET sql_mode = ''; SET group_concat_max_len = 65535;"]
    for table, names in columns:
        if not sql("SELECT 1 FROM `%s` LIMIT 1" % table, database):
            continue
        text.append("DELETE FROM stand_in_new.`%s`;" % table)
        text.append("INSERT IGNORE INTO stand_in_new.`%s` (%s) SELECT %s FROM `%s`.`%s`;" % (table, names, names, database, table))
    text.append("DROP DATABASE `%s`; CREATE DATABASE `%s` CHARACTER SET utf8mb3;" % (database, database))
    for (table,) in sql("SHOW TABLES", "stand_in_new"):
        text.append("RENAME TABLE stand_in_new.`%s` TO `%s`.`%s`;" % (table, database, table))
    text.append("DROP DATABASE stand_in_new;")
    sql("\n".join(text))


def refuse(database, repository, at, text):
    if has(database, "migrate_version"):
        sql("UPDATE migrate_version SET version = %d WHERE repository_id = '%s'" % (at, repository), database)
    fail(1, text)


def sync(database, name, repository):
    """The migrations of the release: floors, refusals, then the schema."""
    at = number(database, repository)
    lowest = facts["lowest"].get(name, {}).get(release, 0)
    if 0 < at < lowest - 1:
        fail(1, "VersionNotFoundError: Database schema file with version %d doesn't exist." % (at + 1))
    for migration, before, needs, question, text in facts["refusals"].get(name, []):
        if not at < migration or order.index(release) < order.index(before):
            continue
        if all(has(*([database] + one.split("."))) for one in needs) and sql(question, database)[0][0] != "0":
            refuse(database, repository, migration - 1, text)
    carried(database, name)


def cells():
    return [row[0] for row in sql("SELECT uuid FROM cell_mappings", "nova_api")] if has("nova_api", "cell_mappings") else []


cell0 = "00000000-0000-0000-0000-000000000000"


def nova_sync():
    sync("nova", "nova", "nova")
    if order.index(release) >= order.index("newton") and cell0 in cells():
        carried("nova_cell0", "nova")


def online():
    run = facts["online"].get(project, {}).get(release)
    if run:
        sql("SET foreign_key_checks = 0; SET sql_mode = '';" + run, project)


def simple_cell_setup():
    mapped = cells()
    column = "INSERT INTO cell_mappings (uuid, name, transport_url, database_connection) VALUES ('%s', '%s', '%s', '%s')"
    if cell0 not in mapped:
        sql(column % (cell0, "cell0", "none:///", "mysql+pymysql://nova:x@localhost/nova_cell0"), "nova_api")
    carried("nova_cell0", "nova")
    if sql("SELECT COUNT(*) FROM services WHERE `binary` = 'nova-compute' AND deleted = 0", "nova")[0][0] == "0":
        fail(1, "No hosts found to map to cell, exiting.")
    if len(mapped) < 2:
        sql(column % ("11111111-1111-1111-1111-111111111111", "", "rabbit://x", "mysql+pymysql://nova:x@localhost/nova"), "nova_api")


def flavors():
    sql("UPDATE instance_system_metadata SET deleted = id WHERE `key` LIKE 'instance_type%' AND deleted = 0", "nova")


with open(os.path.join(data, "calls"), "a") as log:
    log.write("%s %s\n" % (release, " ".join([program] + words)))
call = taken()
if call is None:
    fail(2, "%s: error: %s of %s takes no '%s'" % (program, program, release, " ".join(words)))
acts = {
    "nova api_db sync": lambda: sync("nova_api", "nova_api", "nova_api"),
    "nova db sync": nova_sync,
    "nova cell_v2 simple_cell_setup": simple_cell_setup,
    "nova db migrate_flavor_data": flavors,
    "neutron upgrade": lambda: carried("neutron", "neutron"),
    "neutron stamp": lambda: None,
    "keystone db_sync": lambda: sync("keystone", "keystone", "keystone"),
    "glance db_sync": lambda: sync("glance", "glance", "Glance Migrations"),
    "heat db_sync": lambda: sync("heat", "heat", "heat"),
    "cinder db sync": lambda: sync("cinder", "cinder", "cinder"),
    "placement db sync": lambda: sync("placement", "placement", "placement"),
}
if re.search("online_data_migrations$", call):
    online()
else:
    acts["%s %s" % (project, call)]()
