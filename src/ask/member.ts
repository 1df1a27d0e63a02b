import type { Host, SideMachine } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Member, StoredTree } from '../survey.ts'
import { programText } from '../text/program.ts'
import { runningUnits } from './facts.ts'
import { clients, galera } from './facts-galera.ts'
import type { Schema } from './facts-mariadb.ts'
import { broker } from './facts-rabbitmq.ts'
import { ask, askMaybe, type Question } from './question.ts'
import { askSide } from './side.ts'

export interface MemberFacts {
  readonly member: Member
  readonly schemas: readonly Schema[]
}

/** Everything the survey asks of one machine and its clusters. Throws SwapError when it does not answer. */
export const askMember = async (host: Host, name: SideMachine, recipes: readonly Recipe[]): Promise<MemberFacts> => {
  // Separately and first, because it reads the clock.
  const { side, schemas } = await askSide(host)
  const served = side.mariadb !== undefined
  const [running, cluster, brokers, connected, trees] = await Promise.all([
    ask(host, runningUnits),
    served ? askMaybe(host, galera) : undefined,
    askMaybe(host, broker),
    served ? askMaybe(host, clients) : undefined,
    askTreesOf(host, recipes),
  ])
  return {
    member: {
      name,
      side,
      running,
      ...(cluster === undefined ? {} : { galera: cluster }),
      ...(brokers === undefined ? {} : { broker: brokers }),
      trees,
      clients: connected ?? 0,
    },
    schemas,
  }
}

const paths = (recipes: readonly Recipe[]): readonly string[] => [
  ...new Set(recipes.flatMap(({ storage }) => storage.flatMap((one) => (one.kind === 'file' ? [one.path] : [])))),
]

const script = programText('trees.sh', import.meta.url)

/** The content of each of these trees that exists. */
export const treesAt = (all: readonly string[]): Question<Readonly<Record<string, StoredTree>>> => ({
  argv: ['sh', '-c', script, 'trees', ...all],
  parse: treesOf,
})

/** Parses lines 'FILES<tab>BYTES<tab>FROM<tab>SUM<tab>PATH'. */
export const treesOf = (text: string): Readonly<Record<string, StoredTree>> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split('\t'))
      .flatMap(([files, bytes, from = '', sum = '', path]) =>
        path === undefined ? [] : [[path, { files: Number(files), bytes: Number(bytes), from, sum }]],
      ),
  )

const askTreesOf = async (host: Host, recipes: readonly Recipe[]): Promise<Readonly<Record<string, StoredTree>>> => {
  const all = paths(recipes)
  return all.length === 0 ? {} : ((await askMaybe(host, treesAt(all))) ?? {})
}
