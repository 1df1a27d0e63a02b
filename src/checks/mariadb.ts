import type { HostCheck } from './host-check.ts'

/** MariaDB settings that decide whether the copy can serve, from the latest survey of both servers. */
export const mariadbChecks: readonly HostCheck[] = [
  {
    id: 'mariadb/tls-required',
    level: 'warn',
    title: 'The target offers TLS where the source requires it',
    source: 'MariaDB documentation, require_secure_transport',
    why: 'Services whose URL asks for TLS could not connect to the database.',
    remedy:
      "Set up certificates in the target's MariaDB after prepare: the services' URLs set ssl_ca, and connections without TLS fail",
    look: async ({ survey }) =>
      survey.source.mariadb?.['require_secure_transport'] === 'ON' && survey.target.mariadb?.['have_ssl'] !== 'YES'
        ? ["the source's MariaDB accepts only TLS connections, but the target's has no TLS"]
        : [],
  },
  {
    id: 'mariadb/source-read-only',
    level: 'block',
    title: "The source's MariaDB is the primary",
    source: 'MariaDB documentation, read_only: a replica',
    why: 'A replica may lag behind, and swapctl would copy old data.',
    remedy: 'Set the machine with the primary as source, or make this one the primary',
    look: async ({ survey }) =>
      /^(ON|1)$/i.test(survey.source.mariadb?.['read_only'] ?? '')
        ? ["the source's MariaDB is read_only: a replica"]
        : [],
  },
]
