import { expect, test } from 'vitest'
import { addressMap } from '../../src/rewrite/address-map.ts'
import { rewriteEndpoint } from '../../src/rewrite/urls.ts'

const map = addressMap({ addresses: '{"10.20.0.11":"10.20.0.12","ctl1.example":"ctl2.example","fd00::1":"fd00::2"}' })

test.each([
  ['http://10.20.0.11:8776/v3/%(tenant_id)s', 'http://10.20.0.12:8776/v3/%(tenant_id)s'],
  ['https://10.20.0.11/identity/v3', 'https://10.20.0.12/identity/v3'],
  ['http://10.20.0.11', 'http://10.20.0.12'],
  [
    'http://CTL1.example:8080/v1/AUTH_$(project_id)s?a=10.20.0.11',
    'http://ctl2.example:8080/v1/AUTH_$(project_id)s?a=10.20.0.11',
  ],
  ['http://[FD00::1]:9696/', 'http://[fd00::2]:9696/'],
  ['http://user@10.20.0.11:1/', 'http://user@10.20.0.12:1/'],
  ['http://10.20.0.110:8774/', 'http://10.20.0.110:8774/'],
  ['http://a.ctl1.example/', 'http://a.ctl1.example/'],
  ['http://10.20.0.10:8774/v2.1/10.20.0.11', 'http://10.20.0.10:8774/v2.1/10.20.0.11'],
  ['10.20.0.11', '10.20.0.11'],
  [' http://10.20.0.11:8774/v2.1', 'http://10.20.0.12:8774/v2.1'],
  ['http://10.20.0.11:8774/v2.1\n', 'http://10.20.0.12:8774/v2.1'],
  ['HTTP://10.20.0.11:8774/', 'HTTP://10.20.0.12:8774/'],
  ['http://u:p@w@10.20.0.11:8774/', 'http://u:p@w@10.20.0.12:8774/'],
  ['http://10.20.0.11./v3', 'http://10.20.0.12/v3'],
  ['http://10.20.0.11:%(public_port)s/v2.0', 'http://10.20.0.12:%(public_port)s/v2.0'],
  ['http://h/@10.20.0.11:1/', 'http://h/@10.20.0.11:1/'],
  [' http://h/', ' http://h/'],
  ['', ''],
])('%s becomes %s', (before, after) => expect(rewriteEndpoint(before, map)).toBe(after))
