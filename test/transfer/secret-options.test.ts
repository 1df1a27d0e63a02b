import { beforeEach, describe, expect, test } from 'vitest'
import { redact } from '../../src/text/redact.ts'
import { forgetSecrets } from '../../src/text/secrets.ts'
import { recordedOptions } from '../../src/transfer/known-table.ts'
import { translate, withoutSecrets } from '../../src/transfer/translate.ts'
import { merged, metadata } from './merging.ts'

beforeEach(forgetSecrets)

const device = 'backend_id:a,san_ip:10.0.0.9,api_token:TokenAAAA1111,san_password:PwBBBB2222'

/** Everything that `config translate` would print of one option, before `redact`. */
const shownOf = (project: string, text: string): string => {
  const [first] = translate({ project, from: 'queens', to: 'epoxy', files: [{ path: 'x.conf', text }] })
  const shown = withoutSecrets(first?.text ?? '', recordedOptions(project, 'epoxy'))
  return `${shown}\n${JSON.stringify(first?.decisions)}`
}

describe('options that are secret by their metadata, not by their name', () => {
  test.each([
    ['cinder', 'DEFAULT', 'replication_device', device],
    ['cinder', 'one-not-enabled', 'replication_device', device],
    ['cinder', 'DEFAULT', 'replication-device', device],
    ['keystone', 'cache', 'backend_argument', 'password:RedisPw77'],
    ['nova', 'cache', 'backend_argument', 'password:RedisPw77,more'],
    ['glance', 'glance_store', 'swift_store_user', 'tenant:user-77'],
    ['glance', 'vault', 'approle_role_id', 'role-7777'],
    ['cinder', 'DEFAULT', 'netapp_private_key_file', '/etc/own/key-77'],
    ['cinder', 'DEFAULT', 'backup_gcs_proxy_url', 'http://me:Pw7777777@proxy'],
    ['cinder', 'coordination', 'backend_url', 'redis://:Pw7777777@redis'],
  ])('%s [%s] %s is shown without its value', (project, section, option, value) => {
    const shown = shownOf(project, `[${section}]\n${option} = ${value}\n`)
    expect(shown).toContain(option)
    for (const word of value.split(/[:,@/]+/).filter((one) => /\d{2}/.test(one))) expect(shown).not.toContain(word)
  })

  test('such values, and the secrets in them, appear nowhere else', () => {
    shownOf('cinder', `[DEFAULT]\nreplication_device = ${device}\n`)
    shownOf('nova', '[cache]\nbackend_argument = password:RedisPw77,more\n')
    const text = 'Token TokenAAAA1111, PwBBBB2222 and RedisPw77,more of backend_id:a at 10.0.0.9'
    expect(redact(text)).toBe('Token [REDACTED], [REDACTED] and [REDACTED] of backend_id:a at 10.0.0.9')
  })

  test('a path is masked, and messages may name it', () => {
    const text = '[DEFAULT]\nnetapp_private_key_file = /etc/cinder/netapp.key\n'
    expect(shownOf('cinder', text)).not.toContain('/etc/cinder')
    expect(redact('cannot read /etc/cinder/netapp.key')).toContain('/etc/cinder/netapp.key')
  })

  test("so is what the target's packages set, and an old name", () => {
    const known = metadata({ DEFAULT: 'replication_device' }, { 'DEFAULT.old_device': 'DEFAULT.replication_device' })
    const set = merged('cinder', '', known, { target: `[DEFAULT]\nreplication_device = ${device}\n` })
    expect(set.of('replication_device')).toMatchObject([{ fate: 'packaged-removed', from: '***' }])
    const renamed = merged('cinder', `[DEFAULT]\nold_device = ${device}\n`, known)
    expect(renamed.of('old_device')).toMatchObject([
      { fate: 'renamed', from: '***', to: '[DEFAULT] replication_device' },
    ])
  })
})
