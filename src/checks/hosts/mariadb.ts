import type { HostCheck } from './host-check.ts'

/** Settings of MariaDB that decide whether the copy can serve, from what both servers said when they were last asked. */
export const mariadbChecks: readonly HostCheck[] = [
  {
    id: 'mariadb/tls-required',
    level: 'warn',
    title: 'TLS that MariaDB demands',
    source: 'MariaDB documentation, require_secure_transport; known failure P99',
    remedy:
      "Set up certificates in the target's MariaDB after prepare: the services' URLs name ssl_ca, and a plain server refuses or is refused",
    look: async ({ survey }) =>
      survey.source.mariadb?.['require_secure_transport'] === 'ON' && survey.target.mariadb?.['have_ssl'] !== 'YES'
        ? ["the source's MariaDB takes only connections with TLS, and the target's has none"]
        : [],
  },
  {
    id: 'mariadb/source-read-only',
    level: 'block',
    title: "The source's MariaDB is the one that is written to",
    source: 'MariaDB documentation, read_only: a replica',
    remedy: 'Name the machine with the primary as source, or make this one the primary',
    look: async ({ survey }) =>
      /^(ON|1)$/i.test(survey.source.mariadb?.['read_only'] ?? '')
        ? ["the source's MariaDB is read_only: a replica"]
        : [],
  },
]
