import type { OptionRules } from '../options.ts'
import { heatDefaults } from './defaults.ts'
import { heatGoneOptions } from './gone-options.ts'
import { heatKnownOptions } from './known-options.ts'

export const heatOptions: OptionRules = {
  known: heatKnownOptions,
  defaults: heatDefaults,
  removed: heatGoneOptions,
  gone: [
    ['heat', 'DEFAULT', 'heat_watch_server_url', 'gone in yoga with the CloudWatch API'],
    ['heat', 'DEFAULT', 'instance_user', 'gone in kilo'],
  ],
}
