import { python } from '../cutover/announce.ts'
import type { Action } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'

/** The type of the credential that is made, which no service knows. */
export const credentialType = 'swapctl'

/**
 * Python 2 or 3, as every controller has it, since the way back has to run from the journal alone: what it deletes it finds
 * by the swap's name. An application credential is refused by policy (403) or unknown before queens (404): it is done without,
 * and the step's proof says so. Keystone's words are not printed, for they may quote what it was sent.
 */
const program = `
import io, json, shlex, sys, time
try:
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener
except ImportError:
    from urllib2 import HTTPError, ProxyHandler, Request, build_opener

opener = build_opener(ProxyHandler({}))

def environment(text):
    found = {}
    for line in text.splitlines():
        try:
            words = shlex.split(line if str is not bytes else line.encode('utf-8'), True)
        except ValueError:
            continue
        for word in words:
            name, equals, value = word.partition('=')
            if equals and name.startswith('OS_'):
                found[name] = value.rstrip(';')
    return found

def call(method, url, token, body):
    request = Request(url, None if body is None else json.dumps(body).encode('utf-8'))
    request.get_method = lambda: method
    for name, value in [('Content-Type', 'application/json'), ('Accept', 'application/json'), ('X-Auth-Token', token)]:
        if value:
            request.add_header(name, value)
    try:
        answer = opener.open(request, timeout=30)
    except HTTPError as error:
        answer = error
    text = answer.read().decode('utf-8')
    try:
        document = json.loads(text)
    except ValueError:
        document = {}
    return answer.getcode(), answer.headers, document

class Cloud:
    def __init__(self, env):
        auth = env['OS_AUTH_URL'].rstrip('/')
        self.url = (auth[:auth.rindex('/')] if auth.endswith(('/v3', '/v2.0')) else auth) + '/v3'
        user = {'name': env['OS_USERNAME'], 'password': env.get('OS_PASSWORD', ''),
                'domain': {'name': env.get('OS_USER_DOMAIN_NAME', 'Default')}}
        project = {'name': env.get('OS_PROJECT_NAME', env.get('OS_TENANT_NAME')),
                   'domain': {'name': env.get('OS_PROJECT_DOMAIN_NAME', 'Default')}}
        login = {'auth': {'identity': {'methods': ['password'], 'password': {'user': user}}, 'scope': {'project': project}}}
        for tries in range(30):
            try:
                code, headers, document = call('POST', self.url + '/auth/tokens', None, login)
            except (IOError, OSError):
                code = 0
            if code and code < 500:
                break
            time.sleep(2)
        if code != 201:
            sys.exit('keystone at %s answered %s to the login of the openrc file' % (self.url, code or 'nothing'))
        self.token = headers.get('X-Subject-Token')
        self.user = document['token']['user']['id']
        self.roles = document['token'].get('roles', [])

    def ask(self, good, method, path, body=None):
        code, headers, document = call(method, self.url + path, self.token, body)
        if code not in good:
            sys.exit('keystone answered %d to %s %s' % (code, method, path.split('?')[0]))
        return code, document

    def applications(self, name):
        path = '/users/%s/application_credentials' % self.user
        code, document = self.ask([200, 403, 404], 'GET', path)
        self.lists_applications = code == 200
        return [path + '/' + one['id'] for one in document.get('application_credentials', []) if one['name'] == name]

    def credentials(self, name):
        code, document = self.ask([200, 403, 404], 'GET', '/credentials?type=${credentialType}')
        self.lists_credentials = code == 200
        return ['/credentials/' + one['id'] for one in document.get('credentials', [])
                if one['type'] == '${credentialType}' and '"%s"' % name in one['blob']]

def forget(env, name):
    cloud = Cloud(env)
    for path in cloud.applications(name) + cloud.credentials(name):
        cloud.ask([204, 404], 'DELETE', path)
    return cloud

def weakest(role):
    known = ['reader', 'member', '_member_']
    return known.index(role['name']) if role['name'] in known else 9 if role['name'] == 'admin' else 5

def make(env, name, made):
    cloud = forget(env, name)
    # What cannot be listed could not be found again to be deleted: it is not made.
    for role in sorted(cloud.roles, key=weakest) if cloud.lists_applications else []:
        body = {'name': name, 'secret': made['secret'], 'expires_at': made['expires'], 'roles': [{'id': role['id']}],
                'description': 'Made by swapctl to see that it outlives the swap'}
        code, document = cloud.ask([201, 400, 403, 404], 'POST', '/users/%s/application_credentials' % cloud.user,
                                   {'application_credential': body})
        if code in (201, 404):
            break
    if cloud.lists_credentials:
        cloud.ask([201, 403, 404], 'POST', '/credentials', {'credential': {
            'type': '${credentialType}', 'user_id': cloud.user, 'blob': made['blob']}})
`

/** What is new each time: nobody but the state directory and keystone keeps it. */
export interface Secrets {
  readonly secret: string
  readonly blob: string
  /** as keystone writes times: '2026-11-27T15:00:00.000000Z' */
  readonly expires: string
}

/** A value as a word of the program, in ASCII: Python 2 reads no other source. */
const literal = (value: unknown): string => {
  const text = JSON.stringify(value).replace(
    /[^ -~]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `json.loads(${JSON.stringify(text)})`
}

const run = (on: HostName, call: string, words: readonly string[], secret: boolean): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', `${python} "$@"`, 'credentials', ...words],
  stdin: `${program}\n${call}\n`,
  limit: 180,
  secret,
})

const fromFile = "environment(io.open(sys.argv[1], encoding='utf-8').read())"

/** Makes both on the source, instead of any of the same name. */
export const makeAction = (openrc: string, name: string, secrets: Secrets): Action =>
  run('source', `make(${fromFile}, sys.argv[2], ${literal(secrets)})`, [openrc, name], true)

/** Deletes both on the source, as far as they are there. Holds no secret: it stands in the journal. */
export const forgetAction = (openrc: string, name: string): Action =>
  run('source', `forget(${fromFile}, sys.argv[2])`, [openrc, name], false)

/** The same on the target, which has no openrc file: its text goes along. */
export const forgetThere = (openrc: string, name: string): Action =>
  run('target', `forget(environment(${literal(openrc)}), sys.argv[1])`, [name], true)
