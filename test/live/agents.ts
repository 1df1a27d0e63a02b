import { join } from 'node:path'
import { expect } from 'vitest'
import type { Machine } from '../../src/config.ts'
import { type Journal, openJournal } from '../../src/engine/journal.ts'
import { saveSurvey } from '../../src/source/survey.ts'
import { api, put, settingsOf } from './controllers.ts'
import type { Box } from './namespaces.ts'

/** An agent: reads the brokers of its config file at its start, connects to the first one, and again when it is lost. */
const agent = `import re, socket, sys, time
conf = open(sys.argv[sys.argv.index('--config-file') + 1]).read()
broker = re.findall('^transport_url *= *(.*)', conf, re.M)[-1].split(',')[0].rsplit('@', 1)[-1]
host, port = re.match('([^:/]+):([0-9]+)', broker).groups()
while True:
    try:
        wire = socket.create_connection((host, int(port)), 3)
        wire.settimeout(None)
        while wire.recv(100):
            pass
    except OSError:
        pass
    time.sleep(0.5)
`

/** A broker that lets nobody in: it closes each connection after a moment. */
const refusing = `import socket, sys, threading, time
server = socket.create_server(('', int(sys.argv[1])), backlog=200)
print('listening', flush=True)
def refuse(wire):
    time.sleep(2)
    wire.close()
while True:
    threading.Thread(target=refuse, args=(server.accept()[0],), daemon=True).start()
`

/**
 * systemctl for a namespace, which has no systemd: units are the files of /run/units, each a command. Knows what the
 * programs of computes/ ask for. Notes each restart in /run/restarts; while /run/hang exists, a restart hangs.
 */
const systemctl = `#!/bin/bash
verb=$1
shift
alive() { [ -e "/run/pids/$1" ] && kill -0 "$(cat "/run/pids/$1")" 2>/dev/null; }
start() {
  setsid bash -c "exec $(cat "/run/units/$1")" </dev/null >/dev/null 2>&1 &
  echo $! >"/run/pids/$1"
}
stop() {
  alive "$1" || return 0
  kill -KILL "$(cat "/run/pids/$1")"
  rm "/run/pids/$1"
}
mkdir -p /run/pids
for name; do
  case $name in -p | Id | LoadState | ActiveState | ExecStart) continue ;; esac
  unit=\${name%.service}
  case $verb in
    show)
      if [ ! -e "/run/units/$unit" ]; then printf 'Id=%s\\nLoadState=not-found\\nActiveState=inactive\\n\\n' "$name"
      else
        state=inactive
        ! alive "$unit" || state=active
        printf 'ExecStart={ path=/x ; argv[]=%s ; ignore_errors=no }\\nId=%s\\nLoadState=loaded\\nActiveState=%s\\n\\n' \\
          "$(cat "/run/units/$unit")" "$name" "$state"
      fi
      ;;
    try-restart)
      alive "$unit" || continue
      echo "$unit" >>/run/restarts
      while [ -e /run/hang ]; do sleep 0.1; done
      stop "$unit"
      start "$unit"
      ;;
    start) start "$unit" ;;
    stop) stop "$unit" ;;
  esac
done
`

const standIn = `mkdir -p /run/units /run/bin /run/pids
cat >/run/bin/systemctl
chmod 755 /run/bin/systemctl
mount --bind /run/bin/systemctl /usr/bin/systemctl`

/** Makes a compute of a box: its agents are started by a systemctl of its own. */
export const makeCompute = async (box: Box): Promise<void> => {
  const { code, stderr } = await box.run(['sh', '-ec', standIn], systemctl)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  await put(box, '/run/agent.py', agent)
}

/** Installs an agent that reads this file, and starts it unless told otherwise. */
export const addAgent = async (box: Box, name: string, file: string, runs = true): Promise<void> => {
  await box.ask('sh', '-ec', 'cp "$(readlink -f "$(command -v python3)")" "/run/bin/$1"', 'copy', name)
  await put(box, `/run/units/${name}`, `/run/bin/${name} /run/agent.py --config-file ${file}`)
  if (runs) await box.ask('systemctl', 'start', name)
}

/** The agents that were restarted, in their order. */
export const restartsOf = async (box: Box): Promise<readonly string[]> =>
  (await box.run(['cat', '/run/restarts'])).stdout.split('\n').filter(Boolean)

/** The addresses that a box is connected to, at this port. */
export const brokersOf = async (box: Box, port = 5672): Promise<readonly string[]> => {
  const text = await box.ask('ss', '-Htn', 'state', 'established', `( dport = :${port} )`)
  return [...new Set([...text.matchAll(/(\S+):\d+\s*$/gm)].map(([, address = '']) => address))].sort()
}

/** Starts a broker that lets nobody in; resolves with what ends it. */
export const refuseAll = async (box: Box, port: number): Promise<() => Promise<unknown>> => {
  const program = box.start('python3', '-c', refusing, String(port))
  await program.said
  return async () => {
    program.kill()
    await program.ended
  }
}

/** A broker that lets everybody in. */
const keeping = `import socket, sys
server = socket.create_server(('', int(sys.argv[1])), backlog=300)
print('listening', flush=True)
kept = []
while True:
    kept.append(server.accept()[0])
`

/** Starts one; resolves with what ends it. */
export const keepAll = async (box: Box, port: number): Promise<() => void> => {
  const program = box.start('python3', '-c', keeping, String(port))
  await program.said
  return () => program.kill()
}

/** A section of the settings for a machine. */
export const section = (title: string, { host, port, key, hostKey }: Machine): string =>
  `[${title}]\nhost = ${host}\nport = ${port}\nkey = ${key}\nhost_key = ${hostKey}\n`

/** The first sections of the settings of a swap from 10.77.0.11 to 10.77.0.12. */
export const head = (directory: string, source: Machine, target: Machine): string =>
  [
    `[swap]\nname = test\nrelease = epoxy\nstate = ${directory}/state\n`,
    '[counterpart own]\nsource = 10.77.0.11\ntarget = 10.77.0.12\n',
    '[address api]\naddress = 10.77.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n',
    section('source', source),
    section('target', target),
  ].join('\n')

/** The journal of that swap. */
export const journalIn = (directory: string, source: Machine, target: Machine): Promise<Journal> =>
  openJournal(join(directory, 'state', 'journal.jsonl'), 'test', { source: source.hostKey, target: target.hostKey })

/** Makes the state of a swap whose cutover is confirmed. */
export const confirmed = async (directory: string, source: Machine, target: Machine): Promise<void> => {
  const { survey } = settingsOf('/', [api], { source: '10.77.0.11', target: '10.77.0.12' })
  await saveSurvey(join(directory, 'state'), survey)
  const journal = await journalIn(directory, source, target)
  const step = 'cutover/confirm'
  await journal.append({ event: 'begun', step, phase: 'cutover', title: step, machines: [], undo: [] })
  await journal.append({ event: 'done', step })
  await journal.close()
}
