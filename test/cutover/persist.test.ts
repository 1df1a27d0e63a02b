import { expect, test } from 'vitest'
import { holdsSecret } from '../../src/cutover/persist.ts'

test.each([
  'psk=of-a-keyfile',
  '    password: "of netplan"',
  '  wpa-psk of-ifupdown',
  'IEEE_8021X_PRIVATE_KEY_PASSWORD=of-ifcfg',
  'wep-key0=12345',
  'mka-cak=00112233',
])('%s is a secret', (line) => expect(holdsSecret(`[section]\n${line}\nmtu=1500\n`)).toBe(true))

test.each(['psk-flags=1', 'password-flags=4', '# password: none', '  address 10.0.0.1/24', 'psk='])(
  '%s is none',
  (line) => expect(holdsSecret(`[section]\n${line}\nmtu=1500\n`)).toBe(false),
)
