"""Shared by the stand-ins for keystone's programs: config file, database through the client, requested behaviour."""
import configparser
import os
import re
import subprocess
from urllib.parse import unquote

CONF = '/etc/keystone/keystone.conf'


def conf():
    parser = configparser.RawConfigParser(strict=False)
    parser.read(CONF)
    return parser


def connection():
    """Like in the real programs, oslo.config's environment source wins over the file."""
    return os.environ.get('OS_DATABASE__CONNECTION') or conf().get('database', 'connection').replace('$$', '$')


def sql(text, more=()):
    """Lines of a query's answer, with the account in the config file."""
    user, password, host, name, query = re.match(
        r'mysql\+pymysql://([^:]+):([^@]*)@([^/:]+)(?::\d+)?/([^?]+)(.*)', connection()).groups()
    socket = re.search(r'unix_socket=([^&]+)', query)
    where = ['--protocol=socket', '--socket=' + socket.group(1)] if socket else ['--protocol=tcp', '--host=' + host]
    done = subprocess.run(
        ['mysql', '--no-defaults', '--batch', '--raw', '--skip-column-names', '--default-character-set=utf8mb4',
         '--user=' + user, *where, *more, unquote(name)],
        input=text.encode(), env={**os.environ, 'MYSQL_PWD': unquote(password)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors='replace').strip())
    return done.stdout.decode().splitlines()


def quoted(value):
    return "'" + str(value).replace('\\', '\\\\').replace("'", "\\'") + "'"


def behaviour(name):
    """The behaviour that a test requests, from a file; without one, that of the real program."""
    try:
        with open('/etc/stand-in/' + name) as file:
            return file.read().split()
    except FileNotFoundError:
        return []
