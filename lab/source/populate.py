"""Fills the cloud through its APIs like one that is in use: populate.py PASSWORDS.json VIP

Writes facts.json beside itself: identifiers and checksums that a proof after the swap can be held to.
"""
import base64, hashlib, json, os, pathlib, subprocess, sys, time
import requests

passwords, vip = json.load(open(sys.argv[1])), sys.argv[2]
here = pathlib.Path(__file__).parent
IDENTITY, IMAGE, COMPUTE, NETWORK = f'http://{vip}:5000/v3', f'http://{vip}:9292/v2', f'http://{vip}:8774/v2.1', f'http://{vip}:9696/v2.0'
STORE = '/var/lib/lvm-stand-in/cinder-volumes'
facts = {'images': {}, 'volumes': {}, 'servers': {}, 'users': {}, 'projects': {}}


def session(user, password, project):
    scope = {'project': {'name': project, 'domain': {'id': 'default'}}}
    body = {'auth': {'scope': scope, 'identity': {'methods': ['password'], 'password': {
        'user': {'name': user, 'password': password, 'domain': {'id': 'default'}}}}}}
    answer = requests.post(IDENTITY + '/auth/tokens', json=body)
    answer.raise_for_status()
    web = requests.Session()
    token = answer.json()['token']
    web.project, web.user = token['project']['id'], token['user']['id']
    web.headers.update({'X-Auth-Token': answer.headers['X-Subject-Token'], 'Connection': 'close', 'OpenStack-API-Version': 'compute 2.79, volume 3.59'})
    return web


def ask(web, method, url, body=None, **more):
    """One call; a service that is just starting (no answer, 503) is asked again for a minute."""
    for last in [False] * 60 + [True]:
        web.close()  # uwsgi's http-socket keeps no connection open and does not always say so
        try:
            answer = web.request(method, url, json=body, **more)
            if answer.status_code not in (502, 503) or last:
                break
        except requests.ConnectionError:
            if last:
                raise
        time.sleep(1)
    if not answer.ok:
        sys.exit(f'{method} {url} gave {answer.status_code}: {answer.text[:600]}')
    return answer.json() if answer.content and 'json' in answer.headers.get('Content-Type', '') else {}


def until(what, probe, wanted, seconds=180):
    end, now = time.monotonic() + seconds, None
    while time.monotonic() < end:
        now = probe()
        if now == wanted:
            return
        if str(now).lower().startswith('error') or str(now).endswith('_FAILED'):
            break
        time.sleep(1)
    sys.exit(f'{what} is {now}, not {wanted}')


def cinder(web):
    return f'http://{vip}:8776/v3/{web.project}'


def identity(admin):
    def make(kind, **fields):
        return ask(admin, 'POST', f'{IDENTITY}/{kind}s', {kind: fields})[kind]['id']
    roles = {role['name']: role['id'] for role in ask(admin, 'GET', IDENTITY + '/roles')['roles']}
    roles['auditor'] = make('role', name='auditor', description='reads everything')
    members = {'проект-δ': ['Zoë', 'bob', 'admin'], 'marketing': ['bob', 'admin']}
    ids = {'admin': admin.user}
    for name in ['Zoë', 'bob']:
        passwords[name] = f'{name}; pass#%@/\'"$x'
        ids[name] = make('user', name=name, password=passwords[name], domain_id='default', email=f'{name}@example.org')
        facts['users'][name] = {'id': ids[name], 'password': passwords[name]}
    for project, users in members.items():
        made = facts['projects'][project] = make('project', name=project, domain_id='default', description='Größe — 日本')
        for user in users:
            for role in ['admin'] if user == 'admin' else ['member', 'heat_stack_owner'] + (['auditor'] if user == 'bob' else []):
                ask(admin, 'PUT', f'{IDENTITY}/projects/{made}/users/{ids[user]}/roles/{roles[role]}')
    group = make('group', name='equipe-é', domain_id='default')
    ask(admin, 'PUT', f'{IDENTITY}/groups/{group}/users/{ids["Zoë"]}')
    make('credential', type='totp', blob=base64.b32encode(b'0123456789abcdef').decode(), user_id=ids['Zoë'])


def own_credentials(zoe):
    ask(zoe, 'POST', f'{IDENTITY}/users/{zoe.user}/credentials/OS-EC2', {'tenant_id': zoe.project})
    made = ask(zoe, 'POST', f'{IDENTITY}/users/{zoe.user}/application_credentials',
               {'application_credential': {'name': 'backup-ž', 'secret': "app;cred#%@/'", 'roles': [{'name': 'member'}]}})['application_credential']
    facts['application_credential'] = {'id': made['id'], 'secret': "app;cred#%@/'"}
    ask(zoe, 'POST', COMPUTE + '/os-keypairs', {'keypair': {'name': 'zoe laptop', 'type': 'ssh', 'public_key': (
        pathlib.Path('/root/.ssh/authorized_keys').read_text().split('\n')[0])}})


def image(web, name, data, **fields):
    made = ask(web, 'POST', IMAGE + '/images', {'name': name, 'container_format': 'bare', 'disk_format': 'raw', **fields})['id']
    ask(web, 'PUT', f'{IMAGE}/images/{made}/file', data=data, headers={'Content-Type': 'application/octet-stream'})
    facts['images'][name] = {'id': made, 'sha256': hashlib.sha256(data).hexdigest()}
    return made


def images(admin, project):
    kernel = image(admin, 'guest-kernel', (here / 'kernel').read_bytes(), container_format='aki', disk_format='aki', visibility='public')
    ramdisk = image(admin, 'guest-ramdisk', (here / 'ramdisk').read_bytes(), container_format='ari', disk_format='ari', visibility='public')
    image(project, 'образ-ж', os.urandom(5 << 20), tags=['größe'], visibility='shared')
    return image(admin, 'guest', os.urandom(1 << 20), visibility='public', kernel_id=kernel, ramdisk_id=ramdisk, hw_rng_model='virtio',
                 os_command_line='console=ttyS0')


def flavors(admin):
    made = {}
    for name, ram, vcpus in [('m1.guest', 128, 1), ('größe-M', 256, 1)]:
        made[name] = ask(admin, 'POST', COMPUTE + '/flavors', {'flavor': {'name': name, 'ram': ram, 'vcpus': vcpus, 'disk': 1}})['flavor']['id']
    ask(admin, 'POST', f'{COMPUTE}/flavors/{made["größe-M"]}/os-extra_specs', {'extra_specs': {'hw_rng:allowed': 'True'}})
    project = facts['projects']['проект-δ']
    ask(admin, 'PUT', f'{COMPUTE}/os-quota-sets/{project}', {'quota_set': {'instances': 17, 'cores': 33}})
    ask(admin, 'PUT', f'{NETWORK}/quotas/{project}', {'quota': {'port': 99}})
    ask(admin, 'PUT', f'{cinder(admin)}/os-quota-sets/{project}', {'quota_set': {'volumes': 12}})
    return made


def network(admin, web):
    def make(kind, who=web, **fields):
        return ask(who, 'POST', f'{NETWORK}/{kind.replace("_", "-")}s', {kind: fields})[kind]
    outside = make('network', admin, **{'name': 'extern', 'router:external': True, 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1'})['id']
    make('subnet', admin, network_id=outside, cidr='172.24.4.0/24', ip_version=4, enable_dhcp=False)
    net = make('network', name='сеть-ü')['id']
    subnet = make('subnet', network_id=net, cidr='192.168.77.0/24', ip_version=4, enable_dhcp=False, name='subnet-77')['id']
    router = make('router', name='router-ñ', external_gateway_info={'network_id': outside})['id']
    ask(web, 'PUT', f'{NETWORK}/routers/{router}/add_router_interface', {'subnet_id': subnet})
    group = make('security_group', name='web-ç', description='80 & "ping"')['id']
    for protocol, port in [('tcp', 80), ('tcp', 22), ('icmp', None)]:
        make('security_group_rule', security_group_id=group, direction='ingress', protocol=protocol, port_range_min=port, port_range_max=port)
    make('port', network_id=net, name='reserve', fixed_ips=[{'ip_address': '192.168.77.200'}])
    ports = [make('port', network_id=net, name=f'port-{n}', security_groups=[group], fixed_ips=[{'ip_address': f'192.168.77.{n}'}])['id'] for n in (11, 12)]
    make('floatingip', floating_network_id=outside, port_id=ports[0])
    facts['network'] = net
    return ports


def volumes(admin, web):
    kind = ask(admin, 'POST', f'{cinder(admin)}/types', {'volume_type': {'name': 'gold', 'extra_specs': {'volume_backend_name': 'lvm'}}})['volume_type']['id']
    made = {}
    for name in ['диск-1', 'disk two', "disk'3;#%", 'gone']:
        made[name] = ask(web, 'POST', f'{cinder(web)}/volumes', {'volume': {'name': name, 'size': 1, 'volume_type': kind, 'metadata': {'key': 'значение'}}})['volume']['id']
    for name, volume in made.items():
        until(f'volume {name}', lambda: ask(web, 'GET', f'{cinder(web)}/volumes/{volume}')['volume']['status'], 'available')
    ask(web, 'DELETE', f'{cinder(web)}/volumes/{made.pop("gone")}')
    for name, volume in made.items():
        data = os.urandom(8 << 20)
        with open(f'{STORE}/volume-{volume}', 'r+b') as disk:
            disk.write(data)
        facts['volumes'][name] = {'id': volume, 'sha256_first_8_mib': hashlib.sha256(data).hexdigest()}
    snapshot = ask(web, 'POST', f'{cinder(web)}/snapshots', {'snapshot': {'name': 'снимок', 'volume_id': made["disk'3;#%"]}})['snapshot']['id']
    until('snapshot', lambda: ask(web, 'GET', f'{cinder(web)}/snapshots/{snapshot}')['snapshot']['status'], 'available')
    return [made['диск-1'], made['disk two']]


def servers(web, guest, kinds, ports, disks):
    group = ask(web, 'POST', COMPUTE + '/os-server-groups', {'server_group': {'name': 'apart', 'policy': 'soft-anti-affinity'}})['server_group']['id']

    def boot(name, host, networks, flavor='m1.guest', **hints):
        body = {'server': {'name': name, 'imageRef': guest, 'flavorRef': kinds[flavor], 'networks': networks, 'availability_zone': f'nova:{host}',
                           'metadata': {'groesse': '日本'}}, **hints}
        return ask(web, 'POST', COMPUTE + '/servers', body)['server']['id']

    def status(server):
        return ask(web, 'GET', f'{COMPUTE}/servers/{server}')['server']['status']
    made = {'сервер-1': boot('сервер-1', 'cmp1', [{'port': ports[0]}], **{'os:scheduler_hints': {'group': group}}),
            'guest two': boot('guest two', 'cmp1', [{'port': ports[1]}]),
            'büro-1': boot('büro-1', 'cmp1-fake', 'none', 'größe-M'), 'büro-2': boot('büro-2', 'cmp1-fake', 'none'),
            'gone-softly': boot('gone-softly', 'cmp1-fake', 'none'), 'gone': boot('gone', 'cmp1-fake', 'none')}
    for name, server in made.items():
        until(f'server {name}', lambda: status(server), 'ACTIVE')
    for name, disk in zip(['büro-1', 'büro-2'], disks):
        ask(web, 'POST', f'{COMPUTE}/servers/{made[name]}/os-volume_attachments', {'volumeAttachment': {'volumeId': disk}})
        until(f'volume of {name}', lambda: ask(web, 'GET', f'{cinder(web)}/volumes/{disk}')['volume']['status'], 'in-use')
    for name, action in [('gone-softly', 'delete'), ('gone', 'forceDelete')]:
        server = made.pop(name)
        if action == 'delete':
            ask(web, 'DELETE', f'{COMPUTE}/servers/{server}')
        else:
            ask(web, 'POST', f'{COMPUTE}/servers/{server}/action', {action: None})
    facts['servers'] = {name: {'id': server, 'host': 'cmp1-fake' if name.startswith('b') else 'cmp1'} for name, server in made.items()}


def stack(web):
    template = {'heat_template_version': '2018-08-31', 'description': 'Größe',
                'parameters': {'geheim': {'type': 'string', 'hidden': True, 'default': "se;c#%r@et"}},
                'resources': {'net': {'type': 'OS::Neutron::Net', 'properties': {'name': 'stack-net'}},
                              'subnet': {'type': 'OS::Neutron::Subnet', 'properties': {'network': {'get_resource': 'net'}, 'cidr': '10.99.0.0/24', 'enable_dhcp': False}},
                              'word': {'type': 'OS::Heat::RandomString', 'properties': {'length': 24}},
                              'handle': {'type': 'OS::Heat::WaitConditionHandle', 'properties': {'signal_transport': 'CFN_SIGNAL'}}},
                'outputs': {'word': {'value': {'get_attr': ['word', 'value']}}}}
    url = f'http://{vip}:8004/v1/{web.project}/stacks'
    made = ask(web, 'POST', url, {'stack_name': 'stack-1', 'template': template, 'tags': 'δ'})['stack']['id']
    until('stack', lambda: ask(web, 'GET', f'{url}/stack-1/{made}')['stack']['stack_status'], 'CREATE_COMPLETE')
    facts['stack'] = made


def computes_up(admin):
    services = ask(admin, 'GET', COMPUTE + '/os-services')['services']
    up = {service['host'] for service in services if service['binary'] == 'nova-compute' and service['state'] == 'up'}
    agents = [a for a in ask(admin, 'GET', NETWORK + '/agents')['agents'] if a['alive'] and a['host'] == 'cmp1']
    return len(up & {'cmp1', 'cmp1-fake'}) + len(agents)


def discover_hosts():
    subprocess.run(['runuser', '-u', 'nova', '--', 'nova-manage', 'cell_v2', 'discover_hosts'], cwd='/', check=True, capture_output=True)


def timed(name, step, *given):
    began = time.monotonic()
    answer = step(*given)
    print(f'    {name}: {time.monotonic() - began:.0f} s', flush=True)
    return answer


admin = session('admin', passwords['admin'], 'admin')
timed('identity', identity, admin)
project, zoe = session('admin', passwords['admin'], 'проект-δ'), session('Zoë', passwords['Zoë'], 'проект-δ')
timed('computes and agents up', until, 'number of computes and agents', lambda: computes_up(admin), 3)
timed('cell', discover_hosts)
guest = timed('images', images, admin, zoe)
kinds = timed('flavors and quotas', flavors, admin)
ports = timed('network', network, admin, zoe)
timed('credentials', own_credentials, zoe)
disks = timed('volumes', volumes, admin, project)
timed('servers', servers, project, guest, kinds, ports, disks)
timed('stack', stack, zoe)
(here / 'facts.json').write_text(json.dumps(facts, ensure_ascii=False, indent=1))
