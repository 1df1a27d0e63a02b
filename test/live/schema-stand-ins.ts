import type { Argv, Command, Host } from '../../src/hosts/host.ts'

/** Statements of a schema's revision. */
export const version = (number: string): string =>
  `CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('${number}');`

/** A stand-in for systemd-run, as far as the tools can notice; another release's tree is recognised by its name. */
export const systemdRun = `#!/bin/bash
[ "$1" = --in-it ] || exec unshare --mount --propagation private "$0" --in-it "$@"
shift
while [[ $1 == --* ]]; do
  case $1 in
    --property=RootDirectory=*) export TREE=\${1##*/} ;;
    --property=TemporaryFileSystem=*) path=\${1#--property=TemporaryFileSystem=}; mount -t tmpfs tmpfs "\${path%:ro}" ;;
    --property=BindReadOnlyPaths=-*) ;;
    --property=BindReadOnlyPaths=*) both=\${1#--property=BindReadOnlyPaths=}; touch "\${both#*:}"; mount --bind "\${both%%:*}" "\${both#*:}" ;;
  esac
  shift
done
exec "$@"
`

/**
 * A tool: creates a schema from scratch, or upgrades one with its release's file. 'sql URL' runs the statements there.
 */
export const manage = (place: string, config: string, body: string): string => `#!/bin/bash
cd ${place}
url() { sed -n "/^\\[$1\\]/,/^\\[/s/^connection = //p" etc/${config}; }
sql() {
  local url=\${1#mysql+pymysql://}; shift
  local account=\${url%%@*} database=\${url#*localhost/}
  MYSQL_PWD=\${account#*:} mariadb --defaults-extra-file="$HOME/.my.cnf" --user="\${account%%:*}" "$@" "\${database%%\\?*}"
}
step() { [ "$(sql "$1" -NBe 'SHOW TABLES' | wc -l)" = 0 ] && echo "$2-new.sql" || echo "$2-\${TREE:-own}.sql"; }
echo "\${TREE:-own} $*" >> calls
[ -z "$TREE" ] || [ ! -e broken ] || { echo 'Traceback: the tool is broken' >&2; exit 1; }
${body}
`

/** The machine with the stand-ins' place first in its PATH. */
export const at = (place: string, host: Host): Host => {
  const found = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: ['env', `PATH=${place}:${process.env['PATH']}`, ...argv] as Argv,
  })
  return { ...host, run: (command) => host.run(found(command)), spawn: (command) => host.spawn(found(command)) }
}
