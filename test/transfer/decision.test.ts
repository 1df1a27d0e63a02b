import { describe, expect, test } from 'vitest'
import { isSecretName, masked } from '../../src/transfer/decision.ts'

describe('printable values', () => {
  test.each([
    ['hunter2', true, '***'],
    ['10.0.0.4', false, '10.0.0.4'],
    ['mysql+pymysql://nova:p@10.0.0.4/nova?charset=utf8', true, 'mysql+pymysql://***@10.0.0.4/nova?charset=utf8'],
    ['mysql://nova:p@a,b/c@10.0.0.4/nova', false, 'mysql://***@10.0.0.4/nova'],
    ['"mysql://nova:p@h/nova"', true, '"mysql://***@h/nova"'],
    ['rabbit://u:p1@h1:5672,u:p2@h2:5672/vhost', true, 'rabbit://***@h1:5672,***@h2:5672/vhost'],
    ['rabbit://u:p,1@h1:5672/', true, 'rabbit://***@***,***@h1:5672/'],
    ['rabbit://u:p/1,2@h1,u:p@h2/', true, 'rabbit://***@h2/'],
    ['rabbit://h1,h2/', true, 'rabbit://h1,h2/'],
    ['sqlite:////var/lib/nova/x', true, 'sqlite:////var/lib/nova/x'],
    ['http://h:5000/v3', false, 'http://h:5000/v3'],
    ['https://user:p@h/x, http://h2/', false, 'https://***@h/x, http://h2/'],
  ])('%s', (value, secret, wanted) => expect(masked(value, secret)).toBe(wanted))
})

test.each([
  'password',
  'admin_password',
  'rabbit_passwd',
  'metadata_proxy_shared_secret',
  'memcache_secret_key',
  'auth_encryption_key',
  'metadata_encryption_key',
  'fixed_key',
  'admin_token',
  'connection',
  'sql_connection',
  'transport_url',
  's3_store_access_key',
  'swift_store_key',
  'hmac_keys',
  'chap_username',
  'swift_store_key',
  'root_token_id',
  'backup_s3_store_access_key',
])('%s is a secret by its name', (name) => expect(isSecretName(name)).toBe(true))

test.each([
  'key_file',
  'key_repository',
  'send_service_user_token',
  'max_token_size',
  'provider',
  'auth_url',
  'username',
  'rbd_secret_uuid',
])('%s is not a secret', (name) => expect(isSecretName(name)).toBe(false))
