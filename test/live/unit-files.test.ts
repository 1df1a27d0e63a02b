import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { servedBy, unmaskable } from '../../src/checks/unit-files.ts'

let root: string
const etc = () => join(root, 'etc/systemd/system')
const local = () => join(root, 'usr/local/lib/systemd/system')
const systemctl = (...words: readonly string[]) =>
  execFileSync('systemctl', [`--root=${root}`, ...words], { encoding: 'utf8', stdio: 'pipe' })
const unit = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'

/** The check's own question, run on the files below the root. */
const found = (): readonly string[] => {
  const [program, , ...words] = unmaskable.argv
  return unmaskable.parse(execFileSync(program, [etc(), ...words], { encoding: 'utf8' }))
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unit-files-'))
  for (const path of [etc(), local(), join(root, 'usr/lib/systemd/system')]) mkdirSync(path, { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

test('what the check names cannot be masked by systemctl, and can after its remedy; unmasking restores it', () => {
  writeFileSync(join(etc(), 'nova-api.service'), unit)
  systemctl('enable', 'nova-api.service')
  expect(found()).toEqual(['nova-api'])
  expect(() => systemctl('mask', 'nova-api.service')).toThrow('already exists')
  renameSync(join(etc(), 'nova-api.service'), join(local(), 'nova-api.service'))
  systemctl('reenable', 'nova-api.service')
  expect(found()).toEqual([])
  systemctl('mask', 'nova-api.service')
  expect(readlinkSync(join(etc(), 'nova-api.service'))).toBe('/dev/null')
  expect(found()).toEqual([])
  systemctl('unmask', 'nova-api.service')
  expect(systemctl('is-enabled', 'nova-api.service').trim()).toBe('enabled')
})

test('a unit linked from elsewhere cannot be masked either; an alias is no obstacle', () => {
  writeFileSync(join(root, 'linked.service'), unit)
  symlinkSync('/linked.service', join(etc(), 'linked.service'))
  writeFileSync(join(root, 'usr/lib/systemd/system/real.service'), `${unit}Alias=other.service\n`)
  systemctl('enable', 'real.service')
  expect(found()).toEqual(['linked'])
  expect(() => systemctl('mask', 'linked.service')).toThrow('already exists')
  systemctl('mask', 'real.service')
  expect(readlinkSync(join(etc(), 'real.service'))).toBe('/dev/null')
})

test("a virtual host's service is read from its script; the dashboard is none", () => {
  const text = [
    '/etc/apache2/sites-enabled/keystone.conf:5:    WSGIScriptAlias / /usr/bin/keystone-wsgi-public',
    '/etc/httpd/conf.d/00-placement-api.conf:9:  WSGIScriptAlias / /usr/bin/nova-placement-api',
    '/etc/httpd/conf.d/wsgi.conf:2:WSGIScriptAlias /identity "/var/www/cgi-bin/keystone/main"',
    '/etc/apache2/conf-enabled/dash.conf:1:WSGIScriptAlias /horizon /usr/share/openstack-dashboard/wsgi.py process-group=horizon',
  ].join('\n')
  expect(servedBy(text, ['keystone', 'nova', 'placement'])).toEqual([
    { service: 'keystone', place: '/etc/apache2/sites-enabled/keystone.conf:5' },
    { service: 'placement', place: '/etc/httpd/conf.d/00-placement-api.conf:9' },
    { service: 'keystone', place: '/etc/httpd/conf.d/wsgi.conf:2' },
  ])
})
