import { ask } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { toolsOf } from '../services/tools.ts'
import { type HopLook, hopLook, programsOf } from './hop-look.ts'
import { type HopEnvironment, hopStepId, shortcomings } from './hop-step.ts'
import { tryTool } from './hop-try.ts'

/** What is wrong with an environment, and what to do. */
export interface Unfit {
  readonly says: string
  readonly remedy: string
}

/** What is wrong with a tree or venv of the operator's on the target. Starts each tool if nothing else is wrong. */
export const askUnfit = async (
  context: Pick<Context, 'hosts' | 'config'>,
  hop: HopEnvironment,
): Promise<readonly Unfit[]> => {
  const look = await ask(context.hosts('target'), hopLook(hop.place, hop.release, hop.recipes))
  const seen = unfitOf(hop, look, context.config.file)
  if (seen.length > 0) return seen
  const found: Unfit[] = []
  for (const recipe of hop.recipes) {
    const said = await tryTool(context, hop, recipe)
    if (said !== undefined)
      found.push({
        says: `${subject(hop)}: ${said}`,
        remedy: `Start it by hand on the target, and mend what it says: ${startOf(hop, programsOf(recipe, hop.release)[0] ?? '')}`,
      })
  }
  return found
}

const subject = ({ title, form, path }: HopEnvironment): string => `${title} ${form} = ${path}`

const startOf = ({ form, path }: HopEnvironment, tool: string): string =>
  form === 'venv' ? `${path}/bin/${tool} --help` : `chroot ${path} ${tool} --help`

/** The same from a look: every complaint at once. */
export const unfitOf = (hop: HopEnvironment, look: HopLook, file: string): readonly Unfit[] => {
  const { form, title, path, release, recipes } = hop
  const at = subject(hop)
  const correct = `correct ${form} in ${title} of ${file}`
  if (look.missing)
    return [{ says: `${at}: the target has no such directory`, remedy: `Put the environment there, or ${correct}` }]
  const tools = recipes.flatMap((recipe) => programsOf(recipe, release)).filter((tool) => !look.tools.includes(tool))
  const other = `Put ${release.id} there, or ${correct}; a service with an environment of its own has a section [hop ${release.id} SERVICE]`
  return [
    ...lacking(hop, look, at),
    ...[...new Set(tools)].map((tool) => ({ says: `${at}: it has no ${tool}`, remedy: other })),
    ...look.stray.map(({ tool, by }) => ({
      says: `${at}: its ${tool} begins with #!${by}, which is not there`,
      remedy: `A Python environment works only at the path where it was made: make it at ${path} on the target`,
    })),
    ...shortcomings(hop, look.found).map((says) => ({ says: `${at}: ${says}`, remedy: other })),
    ...driverless(hop, look, at),
  ]
}

const lacking = ({ form, path }: HopEnvironment, { lacks }: HopLook, at: string): readonly Unfit[] => {
  if (lacks.length === 0) return []
  if (form === 'venv')
    return [
      {
        says: `${at}: it has no ${lacks.join(', ')} that leads to a Python of the target`,
        remedy: `Make it on the target: python3 -m venv ${path}`,
      },
    ]
  const files = lacks.filter((one) => /^\/etc\/(passwd|group|hosts)$/.test(one)).map((one) => path + one)
  const folders = lacks.map((one) => path + one).filter((one) => !files.includes(one))
  const commands = [
    ...(folders.length === 0 ? [] : [`mkdir -p ${folders.join(' ')}`]),
    ...(files.length === 0 ? [] : [`touch ${files.join(' ')}`]),
  ]
  return [
    {
      says: `${at}: it has no ${lacks.join(', ')}, which systemd would make there`,
      remedy: `swapctl writes nothing into a tree of yours. On the target: ${commands.join('; ')}`,
    },
  ]
}

/** Python distributions with the driver of a time. */
const drivers = { 'mysql+pymysql': ['pymysql'], mysql: ['mysqlclient', 'mysql-python'] } as const

const driverless = ({ form, path, release, recipes }: HopEnvironment, look: HopLook, at: string): readonly Unfit[] => {
  if (look.shares) return []
  const wanted = [...new Set(recipes.map((recipe) => drivers[toolsOf(recipe, release).driver]))]
  return wanted
    .filter((names) => !look.found.some(({ name }) => (names as readonly string[]).includes(name)))
    .map((names) => ({
      says: `${at}: it has no MySQL driver (${names.join(' or ')}), so its tools cannot log in to MariaDB`,
      remedy: form === 'venv' ? `On the target: ${path}/bin/pip install ${names[0]}` : `Install ${names[0]} into it`,
    }))
}

/** Looks at a tree or venv of the operator's; nothing is copied there, so there is nothing to undo or to remove. */
export const thereStep = (context: Context, hop: HopEnvironment): Step => ({
  id: hopStepId(hop),
  phase: 'prepare',
  title: `Look at the hop environment of ${hop.place.name} on the target: ${hop.form} ${hop.path}`,
  after: ['packages/install'],
  changes: [],
  run: async () => [],
  undo: nothing,
  proof: async () => {
    const unfit = await askUnfit(context, hop)
    if (unfit.length > 0)
      throw new SwapError(
        'target',
        unfit.map(({ says }) => says).join('\n  '),
        [...new Set(unfit.map(({ remedy }) => remedy))].join('\n'),
      )
    const tools = hop.recipes.map((recipe) => programsOf(recipe, hop.release)[0])
    return `${tools.join(', ')} of ${hop.release.id} ${tools.length === 1 ? 'starts' : 'start'} in it`
  },
})
