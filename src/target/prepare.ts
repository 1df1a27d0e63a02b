import type { Context } from '../context.ts'
import type { Plan } from '../engine/step.ts'
import { configBackupStep, databaseBackupStep } from '../source/backup.ts'
import { newSchemaSteps } from '../verify/schema-new.ts'
import { accountsStep } from './accounts.ts'
import { claimStep } from './claim.ts'
import { hopStep, neededHops } from './hop-step.ts'
import { databasesStep, serverStep } from './mariadb.ts'
import { memcachedStep } from './memcached.ts'
import { installStep, quietStep, toolsStep } from './packages.ts'
import { brokerStep, definitionsStep } from './rabbitmq.ts'

/** Stands up the target beside the serving source: backups, packages, servers with the source's accounts, hop environments. */
export const prepareSteps = (context: Context): Plan => [
  claimStep(context),
  toolsStep(context),
  installStep(context),
  ...neededHops(context).map((hop) => hopStep(context, hop)),
  configBackupStep(context),
  ...context.survey.services.flatMap((service) => service.databases.map((one) => databaseBackupStep(context, one))),
  quietStep(context),
  serverStep(context),
  databasesStep(context),
  ...context.recipes.flatMap((recipe) => newSchemaSteps(context, recipe)),
  accountsStep(context),
  brokerStep(context),
  definitionsStep(context),
  memcachedStep(context),
]
