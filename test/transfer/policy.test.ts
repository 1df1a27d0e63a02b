import { expect, test } from 'vitest'
import { policyRules } from '../../src/transfer/policy.ts'

test.each([
  ['policy.json', '{"a:b": "role:x", "default": ""}', ['a:b', 'default']],
  ['policy.json', '{}', []],
  ['policy.yaml', '# "a": "b"\n#"c": "d"\n', []],
  [
    'policy.yaml',
    '"os_compute_api:servers:show": "rule:x"\n\'admin\': "role:admin"\nplain: role:y\n  "indented": no\n',
    ['os_compute_api:servers:show', 'admin', 'plain'],
  ],
  // oslo.policy reads YAML from a file of either name
  ['policy.json', '"a": "b"\n', ['a']],
])('%s %j', (path, text, rules) => expect(policyRules(path, text)).toEqual(rules))
