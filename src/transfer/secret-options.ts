import { registerSecret } from '../text/secrets.ts'
import { given } from './decide.ts'
import { isSecretName } from './decision.ts'
import type { KnownOptions } from './options.ts'
import { type ConfFile, decode } from './oslo-conf.ts'

type Secrets = Pick<KnownOptions, 'hides'>

/** Whether an option of this name holds a secret: by its name, or by the metadata of such an option in any section. */
export const isSecretIn = (known: Secrets, name: string): boolean =>
  isSecretName(name) || known.hides(name.replaceAll('-', '_'))

const isUrl = (value: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(value)

/** A value, and each secret in it that a word names: 'backend_id:a,api_token:x'. The password may contain a comma. */
const secretsOf = (value: string): readonly string[] => {
  const pairs = [value, ...value.split(',')].map((part) => /^\s*([\w-]+):(.*)$/s.exec(part) ?? [])
  return [value, ...pairs.flatMap(([, word = '', rest = '']) => (isSecretName(word) ? [rest.trim()] : []))]
}

/**
 * Registers values that are secret by metadata only, because reading a file registers the others. A path is only where
 * a secret is, and messages name paths; of a URL the password is registered on reading.
 */
export const registerHidden = (file: ConfFile, known: Secrets): void => {
  const values = given(file)
    .filter(({ key }) => isSecretIn(known, key) && !isSecretName(key))
    .flatMap(({ texts }) => texts.map(decode))
  for (const value of values.filter((one) => !isUrl(one) && !one.startsWith('/')))
    for (const secret of secretsOf(value)) registerSecret(secret)
}
