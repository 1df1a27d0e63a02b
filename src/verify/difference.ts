/** Something that is not as it should be, and how a person looks at it. */
export interface Difference {
  readonly part: 'content' | 'schema' | 'references' | 'inventory' | 'source' | 'tokens' | 'credentials'
  /** the service it concerns, when it is one's own */
  readonly service?: string
  /** 'nova.instances', 'neutron port 4f…' */
  readonly where: string
  /** what is different, one line */
  readonly says: string
  /** a command or query that shows it */
  readonly look: string
}
