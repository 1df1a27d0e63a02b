import json, os, ssl, sys, tempfile, time
try:
    from urllib.error import HTTPError
    from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener
except ImportError:
    from urllib2 import HTTPError, HTTPSHandler, ProxyHandler, Request, build_opener

# How the admin logs in, written by swapctl. Empty: the credentials were deleted and the file removed already.
text = sys.stdin.read()
given = json.loads(text) if text.strip() else None

def own_certificate(context, tls):
    handle, path = tempfile.mkstemp()
    try:
        os.write(handle, (tls['cert'] + '\n' + tls.get('key', '')).encode('utf-8'))
        os.close(handle)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)

def tls_context(tls):
    context = ssl.create_default_context(cadata=tls.get('ca'))
    if tls.get('insecure'):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if 'cert' in tls:
        own_certificate(context, tls)
    return context

tls = given['tls'] if given else {}
opener = build_opener(ProxyHandler({}), *([HTTPSHandler(context=tls_context(tls))] if tls else []))

def call(method, url, token, body):
    request = Request(url, None if body is None else json.dumps(body).encode('utf-8'))
    request.get_method = lambda: method
    for name, value in [('Content-Type', 'application/json'), ('Accept', 'application/json'), ('X-Auth-Token', token)]:
        if value:
            request.add_header(name, value)
    try:
        answer = opener.open(request, timeout=given['limit'])
    except HTTPError as error:
        answer = error
    text = answer.read().decode('utf-8')
    try:
        document = json.loads(text)
    except ValueError:
        document = {}
    return answer.getcode(), answer.headers, document

class Cloud:
    def __init__(self):
        self.url = given['identity'] + '/v3'
        for tries in range(30):
            try:
                code, headers, document = call('POST', self.url + '/auth/tokens', None, given['login'])
            except (IOError, OSError) as error:
                code, why = 0, error
            if code and code < 500:
                break
            time.sleep(2)
        if code != 201:
            sys.exit('%s at %s answered %s to the login of the openrc file' % (given['service'], self.url, code or 'nothing: %s' % why))
        self.token = headers.get('X-Subject-Token')
        self.user = document['token']['user']['id']
        self.roles = document['token'].get('roles', [])

    def ask(self, good, method, path, body=None):
        code, headers, document = call(method, self.url + path, self.token, body)
        if code not in good:
            sys.exit('%s answered %d to %s %s' % (given['service'], code, method, path.split('?')[0]))
        return code, document

    def applications(self, name):
        path = '/users/%s/application_credentials' % self.user
        code, document = self.ask([200, 403, 404], 'GET', path)
        self.lists_applications = code == 200
        return [path + '/' + one['id'] for one in document.get('application_credentials', []) if one['name'] == name]

    def credentials(self, name):
        code, document = self.ask([200, 403, 404], 'GET', '/credentials?type=' + kind)
        self.lists_credentials = code == 200
        return ['/credentials/' + one['id'] for one in document.get('credentials', [])
                if one['type'] == kind and '"%s"' % name in one['blob']]

def forget(name):
    cloud = Cloud()
    for path in cloud.applications(name) + cloud.credentials(name):
        cloud.ask([204, 404], 'DELETE', path)
    return cloud

def weakest(role):
    known = ['reader', 'member', '_member_']
    return known.index(role['name']) if role['name'] in known else 9 if role['name'] == 'admin' else 5

def make(name):
    made = given['made']
    cloud = forget(name)
    # If credentials cannot be listed, they could not be found again for deletion, so none is created.
    for role in sorted(cloud.roles, key=weakest) if cloud.lists_applications else []:
        body = {'name': name, 'secret': made['secret'], 'expires_at': made['expires'], 'roles': [{'id': role['id']}],
                'description': 'Made by swapctl to see that it outlives the swap'}
        code, document = cloud.ask([201, 400, 403, 404], 'POST', '/users/%s/application_credentials' % cloud.user,
                                   {'application_credential': body})
        if code in (201, 404):
            break
    if cloud.lists_credentials:
        cloud.ask([201, 403, 404], 'POST', '/credentials', {'credential': {
            'type': kind, 'user_id': cloud.user, 'blob': made['blob']}})

if given:
    call_name, swap, kind = sys.argv[1:]
    {'make': make, 'forget': forget}[call_name](swap)
