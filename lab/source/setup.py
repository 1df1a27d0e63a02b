"""Makes the configured machine a Victoria controller: databases, accounts, schemas, endpoints, services.

Runs once, inside the source, with the configuration files in place: setup.py PASSWORDS.json VIP
"""
import json, os, subprocess, sys, time, urllib.parse
import pymysql
import requests

passwords, vip = json.load(open(sys.argv[1])), sys.argv[2]
DATABASES = {'keystone': ['keystone'], 'glance': ['glance'], 'placement': ['placement'],
             'nova': ['nova', 'nova_api', 'nova_cell0'], 'neutron': ['neutron'], 'cinder': ['cinder'], 'heat': ['heat']}
ENDPOINTS = {'glance': ('image', ':9292'), 'placement': ('placement', ':8778'), 'nova': ('compute', ':8774/v2.1'),
             'neutron': ('network', ':9696'), 'cinderv3': ('volumev3', ':8776/v3/%(project_id)s'),
             'heat': ('orchestration', ':8004/v1/%(tenant_id)s'), 'heat-cfn': ('cloudformation', ':8000/v1')}
NEUTRON = ['neutron-db-manage', '--config-file', '/etc/neutron/neutron.conf', '--config-file', '/etc/neutron/plugins/ml2/ml2_conf.ini']
UNITS = ['glance-api', 'placement-api', 'nova-api', 'nova-api-metadata', 'nova-conductor', 'nova-scheduler', 'neutron-api',
         'neutron-rpc-server', 'cinder-api', 'cinder-scheduler', 'cinder-volume', 'heat-api', 'heat-api-cfn', 'heat-engine']


def call(*argv, user=None, env=None):
    words = ['runuser', '-u', user, '--', *argv] if user else list(argv)
    done = subprocess.run(words, cwd='/', env={**os.environ, 'SYSTEMCTL_SKIP_SYSV': '1', **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f'{argv[0]} {argv[1]} failed ({done.returncode}):\n{done.stdout[-3000:]}')
    return done.stdout


def databases():
    with pymysql.connect(unix_socket='/run/mysqld/mysqld.sock', user='root').cursor() as sql:
        for user, names in DATABASES.items():
            for host in ['localhost', '%']:
                sql.execute('CREATE USER IF NOT EXISTS %s@%s IDENTIFIED BY %s', (user, host, passwords[user + '_db']))
            for name in names:
                sql.execute(f'CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8')
                for host in ['localhost', '%']:
                    sql.execute(f'GRANT ALL PRIVILEGES ON {name}.* TO %s@%s', (user, host))


def rabbit():
    # The unit is active before the broker takes commands.
    call('rabbitmqctl', 'await_startup', '--timeout', '1200')
    for user, vhost, password in [('openstack', '/', 'rabbit'), ('heat', 'heat', 'rabbit_heat')]:
        if vhost != '/':
            call('rabbitmqctl', 'add_vhost', vhost)
        call('rabbitmqctl', 'add_user', user, passwords[password])
        call('rabbitmqctl', 'set_permissions', '-p', vhost, user, '.*', '.*', '.*')
    call('rabbitmqctl', 'delete_user', 'guest')


def schemas():
    """Independent services side by side: each is mostly Python starting."""
    cell0 = f'mysql+pymysql://nova:{urllib.parse.quote(passwords["nova_db"], safe="")}@{vip}/nova_cell0?charset=utf8'
    chains = [
        [['keystone-manage', 'db_sync'], ['keystone-manage', 'fernet_setup', '--keystone-user', 'keystone', '--keystone-group', 'keystone'],
         ['keystone-manage', 'credential_setup', '--keystone-user', 'keystone', '--keystone-group', 'keystone']],
        [['glance', 'glance-manage', 'db_sync'], ['glance', 'glance-manage', 'db_load_metadefs'], ['placement', 'placement-manage', 'db', 'sync'],
         ['cinder', 'cinder-manage', 'db', 'sync'], ['heat', 'heat-manage', 'db_sync'], ['neutron', *NEUTRON, 'upgrade', 'heads']],
        [['nova', 'nova-manage', 'api_db', 'sync'], ['nova', 'nova-manage', 'cell_v2', 'map_cell0', '--database_connection', cell0],
         ['nova', 'nova-manage', 'cell_v2', 'create_cell', '--name', 'cell1'], ['nova', 'nova-manage', 'db', 'sync']]]
    users = {'glance', 'placement', 'cinder', 'heat', 'neutron', 'nova'}
    from concurrent.futures import ThreadPoolExecutor

    def chain(commands):
        for words in commands:
            call(*words[1:], user=words[0]) if words[0] in users else call(*words, user=None if 'setup' in words[1] else 'keystone')
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(chain, chains))


def identity():
    url = f'http://{vip}:5000/v3'
    call('keystone-manage', 'bootstrap', '--bootstrap-admin-url', url, '--bootstrap-internal-url', url, '--bootstrap-public-url', url,
         '--bootstrap-region-id', 'RegionOne', env={'OS_BOOTSTRAP_PASSWORD': passwords['admin']}, user='keystone')
    call('systemctl', 'enable', '--now', 'keystone')
    call('curl', '-s', '-o', '/dev/null', '--retry', '60', '--retry-delay', '1', '--retry-connrefused', url)
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': {
        'name': 'admin', 'domain': {'id': 'default'}, 'password': passwords['admin']}}},
        'scope': {'project': {'name': 'admin', 'domain': {'id': 'default'}}}}}
    answer = requests.post(url + '/auth/tokens', json=body)
    answer.raise_for_status()
    web = requests.Session()
    web.hooks['response'] = [lambda *_, **__: web.close()]  # uwsgi's http-socket keeps no connection open and does not say so
    web.headers.update({'X-Auth-Token': answer.headers['X-Subject-Token'], 'Connection': 'close'})

    def make(kind, **fields):
        answer = web.post(f'{url}/{kind}s', json={kind: fields})
        if not answer.ok:
            sys.exit(f'keystone refused {kind} {fields}: {answer.text}')
        return answer.json()[kind]['id']

    roles = {role['name']: role['id'] for role in web.get(url + '/roles').json()['roles']}
    project = make('project', name='service', domain_id='default')
    for user in ['glance', 'placement', 'nova', 'neutron', 'cinder', 'heat']:
        made = make('user', name=user, password=passwords[user], domain_id='default')
        web.put(f'{url}/projects/{project}/users/{made}/roles/{roles["admin"]}').raise_for_status()
    for name, (kind, rest) in ENDPOINTS.items():
        service = make('service', name=name, type=kind)
        for interface in ['public', 'internal', 'admin']:
            make('endpoint', service_id=service, interface=interface, region_id='RegionOne', url=f'http://{vip}{rest}')
    make('role', name='heat_stack_owner')
    make('role', name='heat_stack_user')
    domain = make('domain', name='heat', description='users of stacks')
    made = make('user', name='heat_domain_admin', password=passwords['heat_domain'], domain_id=domain)
    web.put(f'{url}/domains/{domain}/users/{made}/roles/{roles["admin"]}').raise_for_status()


def openrc():
    import shlex
    lines = {'OS_AUTH_URL': f'http://{vip}:5000/v3', 'OS_IDENTITY_API_VERSION': '3', 'OS_USERNAME': 'admin', 'OS_PASSWORD': passwords['admin'],
             'OS_PROJECT_NAME': 'admin', 'OS_USER_DOMAIN_NAME': 'Default', 'OS_PROJECT_DOMAIN_NAME': 'Default', 'OS_REGION_NAME': 'RegionOne'}
    with open(os.open('/root/openrc', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as rc:
        rc.writelines(f'export {key}={shlex.quote(value)}\n' for key, value in lines.items())


for step in [databases, rabbit, schemas, identity, openrc]:
    began = time.monotonic()
    step()
    print(f'    {step.__name__}: {time.monotonic() - began:.0f} s', flush=True)
call('systemctl', 'enable', '--now', *UNITS)
