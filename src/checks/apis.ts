import { askPage } from '../api/list.ts'
import type { Api } from '../api/session.ts'
import { block, type Check, type CheckContext, type Message, warn } from '../ask/check.ts'
import { SwapError } from '../errors.ts'
import { serving } from '../services/index.ts'
import type { Inventory, Recipe } from '../services/recipe.ts'
import { adminAccess, openAdmin } from '../source/inventory.ts'

const failed = (error: unknown): Message => {
  if (!(error instanceof SwapError)) throw error
  return block(`${error.where}: ${error.message}`, error.next)
}

/** Logs the admin in as every later step will; or returns what prevents it. */
const enter = async (context: CheckContext): Promise<Api | Message> => openAdmin(context, 'source').catch(failed)

const isApi = (one: Api | Message): one is Api => 'token' in one

/** The file can be read, keystone accepts the login, and it is the cloud's admin. */
const login: Check['ask'] = async (context) => {
  const path = context.config.source.openrc
  const api = await enter(context)
  if (!isApi(api)) return [api]
  const { tls } = await adminAccess(context)
  const admin = api.scope.roles.some(({ name }) => name.toLowerCase() === 'admin')
  const roles = api.scope.roles.map(({ name }) => name).join(', ')
  return [
    ...(admin
      ? []
      : [
          block(
            `${path} on the source does not have the role 'admin', only: ${roles || 'none'}. ${serving('network').name} and ${serving('volumev3').name} would silently list only one project`,
            'Use an openrc file of the admin; if your policies use another admin role, accept this finding',
          ),
        ]),
    ...(api.types.length > 0
      ? []
      : [block(`the token for ${path} has no catalog`, 'Give it a project scope: OS_PROJECT_NAME')]),
    ...(tls.insecure === true
      ? [
          warn(
            `${path} disables certificate verification, which swapctl does not support`,
            'Set the CA in it: OS_CACERT',
          ),
        ]
      : []),
  ]
}

/** When several lists of a service fail alike, only the first is reported. */
const askService = async (api: Api, recipe: Recipe): Promise<readonly Message[]> => {
  const lists: readonly Inventory[] = recipe.inventory
  const types = [...new Set([recipe.light.type, ...lists.map(({ type }) => type)])]
  try {
    const missing = types.filter((type) => api.url(type) === undefined)
    if (missing.length > 0)
      return missing.map((type) =>
        block(
          `${recipe.name}: ${api.absence(type)}: swapctl cannot compare its resources`,
          'Fix OS_REGION_NAME or OS_INTERFACE in the openrc file, or register the endpoint',
        ),
      )
    await api.get(recipe.light.type, recipe.light.path)
    for (const item of lists) await askPage(api, item, item.path)
    return []
  } catch (error) {
    return [failed(error)]
  }
}

/** Every list that the swap compares can be read before the freeze: asks for its first page. */
const lists: Check['ask'] = async (context) => {
  const api = await enter(context)
  // The check of the openrc file reports a failed login.
  if (!isApi(api)) return []
  return (await Promise.all(context.recipes.map((recipe) => askService(api, recipe)))).flat()
}

export const apiChecks: readonly Check[] = [
  {
    id: 'source/openrc',
    level: 'block',
    title: 'The openrc file logs in as the admin',
    source: 'https://docs.openstack.org/python-openstackclient/latest/cli/authentication.html',
    why: 'swapctl could not list the resources of the cloud and would miss losses.',
    remedy: 'Fix the openrc file on the source, or set another in [source] openrc.',
    ask: login,
  },
  {
    id: 'source/apis',
    level: 'block',
    title: 'Each API answers the list calls that swapctl compares',
    source:
      'https://docs.openstack.org/api-ref/: each service has an endpoint in the region and answers its list calls',
    why: 'swapctl could not compare the lists from before and after the swap, and would miss losses.',
    remedy: 'Fix the region or the interface in the openrc file, or repair the API that does not answer.',
    ask: lists,
  },
]
