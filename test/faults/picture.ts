import type { Light, LightName } from './light.ts'

/** A snapshot of everything on a machine that a swap may change, as text: equal text, equal machine. */
export type Picture = Readonly<Record<string, string>>

/** Files and folders with content, owner and mode; times and inodes do not count. */
const files = `find "$@" \\( -type f -printf '%M %u:%g %p ' -exec sha256sum {} \\; -o -type l -printf '%p -> %l\\n' -o -printf '%M %u:%g %p\\n' \\) 2>/dev/null | sed 's/ \\([0-9a-f]\\{64\\}\\)  .*/ \\1/' | sort`

const trees = [
  '/etc/keystone',
  '/etc/mysql',
  '/etc/rabbitmq',
  '/etc/memcached.conf',
  '/etc/network',
  '/etc/systemd',
  '/etc/sysctl.d',
  '/etc/nftables.conf',
  '/etc/swapctl',
  '/etc/hosts',
  '/root/openrc',
  '/usr/sbin/policy-rc.d',
  '/var/lib/rabbitmq',
]

// Credentials that swapctl creates have new ids each time, and so a new place among the rows: only their presence and
// number are compared.
const made = String.raw`sed -E 's/^(INSERT INTO .application_credential(_role)?.) .*/\1/; s/^(INSERT INTO .credential.) .*swapctl.*/\1/' | awk '/^INSERT INTO [^ ]*$/ { held = held $0 "\n"; next } /ENABLE KEYS/ { printf "%s", held; held = "" } { print }'`

// Row by row in key order.
const databases = `for d in $(mysql -BNe "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ('mysql','sys','performance_schema','information_schema')"); do
  echo "== $d"; mysqldump --skip-comments --skip-extended-insert --order-by-primary --routines --triggers --events "$d" | sed 's/ AUTO_INCREMENT=[0-9]*//' | ${made}; done`

const accounts = `mysql -BNe "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user ORDER BY 1" | while read -r who; do mysql -BNe "SHOW GRANTS FOR $who"; done`

const units = `systemctl list-unit-files --type=service --no-legend --no-pager | awk '{print $1, $2}' | sort
systemctl list-units --type=service --all --no-legend --no-pager --plain | awk '$3 == "active" && $4 == "running" || $3 == "failed" {print $1, $3}' | sort`

const addresses = `ip -o addr show | awk '{print $2, $3, $4}' | grep -v 'inet6 fe80' | sort
sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce net.ipv4.ip_nonlocal_bind
nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//'`

const questions = { databases, accounts, units, addresses } as const

/** `asked`: only some parts, for a machine without MariaDB. */
export const takePicture = async (
  light: Light,
  machine: LightName,
  asked: readonly (keyof typeof questions)[] = ['databases', 'accounts', 'units', 'addresses'],
): Promise<Picture> => {
  const told: Record<string, string> = {
    files: await light.inside(machine, ['bash', '-c', files, 'files', ...trees]),
  }
  for (const what of asked) told[what] = await light.sh(machine, questions[what])
  return told
}

/** Both machines; keys such as 'source files'. */
export const takePictures = async (light: Light): Promise<Picture> => {
  const [source, target] = await Promise.all([takePicture(light, 'source'), takePicture(light, 'target')])
  const named = (side: string, picture: Picture) =>
    Object.entries(picture).map(([what, text]) => [`${side} ${what}`, text])
  return Object.fromEntries([...named('source', source), ...named('target', target)])
}
