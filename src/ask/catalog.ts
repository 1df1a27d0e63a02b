import { recipes } from '../services/index.ts'
import type { Survey } from '../survey.ts'

const home = recipes.find(({ tokens }) => tokens !== undefined)?.databases[0]

/** The database of the endpoint catalog: that of the service that issues tokens, by the name in the survey. */
export const catalogDatabase = ({ services }: Pick<Survey, 'services'>): string =>
  services.flatMap(({ databases }) => databases).find(({ repo }) => repo === home?.repo)?.name ?? home?.name ?? ''

/** The same if it exists on the source and has tables; otherwise undefined. */
export const filledCatalog = (survey: Survey): string | undefined => {
  const database = catalogDatabase(survey)
  return survey.source.schemas.some((one) => one.name === database && one.tables > 0) ? database : undefined
}
