import { type Kept, soft } from '../kept.ts'

export const barbicanKept: readonly Kept[] = [
  soft('secret', 'barbican', 'secrets', 't.id', 't.name'),
  soft('secret container', 'barbican', 'containers', 't.id', 't.name'),
  soft('secret order', 'barbican', 'orders', 't.id', 't.type'),
]
