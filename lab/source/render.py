"""Fills {{names}} in configuration templates: render.py TEMPLATES ROOT VIP PORTAL, on the machine that builds the lab.

TEMPLATES stands for /etc. A file below SERVICE/ belongs to root and the service's group (mode 0640), as Debian's packages do it.
Options of oslo.config get a literal dollar as $$; in URLs everything that is not a letter or digit is quoted.
"""
import json, os, pathlib, re, sys, urllib.parse

templates, root, vip, portal = sys.argv[1:]
here = pathlib.Path(__file__).parent
passwords = json.loads((here / 'passwords.json').read_text())


def quoted(text):
    return urllib.parse.quote(text, safe='')


def database(user, name):
    return f'mysql+pymysql://{user}:{quoted(passwords[user + "_db"])}@{vip}/{name}?charset=utf8'


values = {'vip': vip, 'portal': portal,
          'rabbit': f'rabbit://openstack:{quoted(passwords["rabbit"])}@{vip}:5672/',
          'rabbit_heat': f'rabbit://heat:{quoted(passwords["rabbit_heat"])}@{vip}:5672/heat'}
values.update({f'password.{name}': text.replace('$', '$$') for name, text in passwords.items()})
values.update({f'db.{name}': database(name.split('_')[0], name)
               for name in ['keystone', 'glance', 'placement', 'nova', 'nova_api', 'nova_cell0', 'neutron', 'cinder', 'heat']})
values['authtoken'] = f'''www_authenticate_uri = http://{vip}:5000
auth_url = http://{vip}:5000
memcached_servers = {vip}:11211
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
region_name = RegionOne'''
groups = {line.split(':')[0]: int(line.split(':')[2]) for line in pathlib.Path(root, 'etc/group').read_text().splitlines()}


def fill(match):
    return values[match.group(1)]


for path in sorted(pathlib.Path(templates).rglob('*')):
    if path.is_dir():
        continue
    at = pathlib.Path(root, 'etc', path.relative_to(templates))
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(re.sub(r'\{\{([a-z0-9_.]+)\}\}', fill, path.read_text()))
    service = path.relative_to(templates).parts[0]
    if service in groups:
        os.chown(at, 0, groups[service])
        at.chmod(0o640)
