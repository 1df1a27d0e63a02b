import type { Context } from '../context.ts'
import type { Plan } from '../engine/step.ts'
import { configBackupStep, databaseBackupStep } from '../source/backup.ts'
import { accountsStep } from '../target/accounts.ts'
import { claimStep } from '../target/claim.ts'
import { hopStep, neededHops } from '../target/hop-step.ts'
import { thereStep } from '../target/hop-there.ts'
import { databasesStep, serverStep } from '../target/mariadb.ts'
import { memcachedStep } from '../target/memcached.ts'
import { installStep, quietStep, toolsStep } from '../target/packages.ts'
import { brokerStep, definitionsStep } from '../target/rabbitmq.ts'
import { newSchemaSteps } from '../verify/schema-new.ts'
import { trySchemaSteps } from '../verify/schema-try.ts'

/**
 * Builds the target beside the serving source: backups, packages, servers with the source's accounts, hop environments.
 */
export const prepareSteps = (context: Context): Plan => [
  claimStep(context),
  toolsStep(context),
  installStep(context),
  ...neededHops(context).map((hop) => (hop.form === 'archive' ? hopStep : thereStep)(context, hop)),
  configBackupStep(context),
  ...context.survey.services.flatMap((service) => service.databases.map((one) => databaseBackupStep(context, one))),
  quietStep(context),
  serverStep(context),
  databasesStep(context),
  ...context.recipes.flatMap((recipe) => [...newSchemaSteps(context, recipe), ...trySchemaSteps(context, recipe)]),
  accountsStep(context),
  brokerStep(context),
  definitionsStep(context),
  memcachedStep(context),
]
