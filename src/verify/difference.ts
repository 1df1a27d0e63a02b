/** A difference from what should be, and how a person can look at it. */
export interface Difference {
  readonly part: 'content' | 'schema' | 'references' | 'inventory' | 'source' | 'tokens' | 'credentials' | 'sealed'
  /** the service it concerns, if only one */
  readonly service?: string
  /** 'nova.instances', 'neutron port 4f…' */
  readonly where: string
  /** what is different, one line */
  readonly says: string
  /** a command or query that shows it */
  readonly look: string
}
