"""Waits until the cloud is complete: wait.py VIP ADMIN_PASSWORD_FILE FACTS SECONDS; run in the operator's network.
Every API answers, every service and agent reports up, and every server in facts.json is ACTIVE and running."""
import json, sys, time, urllib.error, urllib.request

vip, passwords, facts, seconds = sys.argv[1], json.load(open(sys.argv[2])), json.load(open(sys.argv[3])), int(sys.argv[4])


def ask(url, token=None, body=None):
    request = urllib.request.Request(f'http://{vip}:{url}', json.dumps(body).encode() if body else None,
                                     {'Content-Type': 'application/json', **({'X-Auth-Token': token} if token else {})})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer), answer.headers.get('X-Subject-Token')


def login(project):
    user = {'name': 'admin', 'password': passwords['admin'], 'domain': {'id': 'default'}}
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': user}}, 'scope': {'project': {'name': project, 'domain': {'id': 'default'}}}}}
    answer, token = ask('5000/v3/auth/tokens', body=body)
    return token, answer['token']['project']['id']


def runs(server, host):
    """ACTIVE and idle, and with power on if the hypervisor is real."""
    return server.get('status') == 'ACTIVE' and not server['OS-EXT-STS:task_state'] and (host != 'cmp1' or server['OS-EXT-STS:power_state'] == 1)


def missing():
    """What is still missing, in words; empty when the cloud is complete."""
    (token, project), (inner, tenant) = login('admin'), login('проект-δ')
    services = ask('8774/v2.1/os-services', token)[0]['services']
    volume = ask(f'8776/v3/{project}/os-services', token)[0]['services']
    agents = ask('9696/v2.0/agents', token)[0]['agents']
    servers = {s['id']: s for s in ask('8774/v2.1/servers/detail?all_tenants=1', token)[0]['servers']}
    ask('9292/v2/images', token)
    ask('8778/resource_providers', token)
    stacks = {s['id'] for s in ask(f'8004/v1/{tenant}/stacks', inner)[0]['stacks']}
    late = [f'{s["binary"]}@{s["host"]}' for s in services + volume if s['state'] != 'up']
    late += [a['binary'] for a in agents if not a['alive']]
    late += [f'server {name}' for name, s in facts['servers'].items() if not runs(servers.get(s['id'], {}), s['host'])]
    return late + (['stack'] if facts['stack'] not in stacks else []) + ([] if len(services) > 3 and agents else ['services'])


end, late = time.monotonic() + seconds, ['everything']
while late and time.monotonic() < end:
    try:
        late = missing()
    except (OSError, urllib.error.HTTPError) as error:
        late = [str(error)]
    time.sleep(1 if late else 0)
if late:
    sys.exit(f'lab: after {seconds} s the cloud still lacks: {", ".join(late)}')
