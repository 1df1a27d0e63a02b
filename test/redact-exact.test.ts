import { expect, test } from 'vitest'
import { hidden } from '../src/text/hidden.ts'
import { redact } from '../src/text/redact.ts'

/** Each secret is written S3cret; the result is the same text with the placeholder instead. */
const secrets: readonly string[] = [
  // settings and headers
  '[database]\nConnection = mysql://n:S3cret@h/n\n[api]\nconnection = MYSQL://n:S3cret@h/n',
  'Cookie:S3cret',
  '{"Cookie": "S3cret"}',
  '{"Cookie":"S3cret"}',
  '{"Cookie" : "S3cret"}',
  "curl -H 'Cookie:S3cret' http://h/",
  'authentication { auth_type PASS auth_pass  S3cret }',
  'incominguser  u1  S3cret',
  // members of a map on one line
  'user {password: S3cret, lun: 1}',
  'user {name: a, password:  S3cret, lun: 1}',
  'user {name: a, pass: S3cret, lun: 1}',
  // a word with several kinds of quotes
  'run psk=S3cret next',
  'at vnc_auto.html?path=%3Flun%3D1%26token%3DS3cret next',
  'at vnc_auto.html?token%3DS3cret next',
  // nearly a switch
  'basis_password = S3cret',
  'use_token = S3cret',
  'pass = S3cret',
  // names that are secrets in one spelling only
  'apikey = S3cret',
  'access_keys = S3cret',
  'wep-key: S3cret',
  'wep-key0: S3cret',
  // several commands in a text and on a line
  'one\nsshpass -p S3cret ssh a; sshpass -p S3cret ssh b\nsshpass -p S3cret ssh c',
  "curl -u 'a:S3cret' http://h/; curl -u 'a:S3cret' http://h/",
  'curl -u "a:S3cret" http://h/; curl -u "a:S3cret" http://h/',
  'curl -ua:S3cret http://h/; curl -ua:S3cret http://h/',
  'rabbitmqctl add_user a S3cret && rabbitmqctl add_user b S3cret',
  'iscsiadm -n node.session.auth.password -v S3cret && iscsiadm -n node.session.auth.password_in -v S3cret',
  // tags
  '<password type="a">S3cret</password>',
  // the value on the line of its name
  'password: S3cret\n  lun: 1',
]

test.each(secrets)('only the secret is hidden: %s', (text) => {
  expect(redact(text)).toBe(text.replaceAll('S3cret', hidden))
})

test.each([
  ["curl -ua:'x y' http://h/; curl -ua:'x y' http://h/", `curl -ua:${hidden} http://h/; curl -ua:${hidden} http://h/`],
  ['connection = mysql://n:hun ter@2 x@h/n', `connection = mysql://n:${hidden}@h/n`],
  [
    '[a]\nConnection = mysql://n:hun ter@2 x@h/n\nconnection = MYSQL://n:hun ter@2 x@h/n',
    `[a]\nConnection = mysql://n:${hidden}@h/n\nconnection = MYSQL://n:${hidden}@h/n`,
  ],
  // a long password, and one that looks like a URL
  [`at rabbit://nova:${'x'.repeat(300)}@h/ next`, `at rabbit://nova:${hidden}@h/ next`],
  [`at s3://nova:${'x'.repeat(300)}@h/ next`, `at s3://nova:${hidden}@h/ next`],
  ['at rabbit://nova:a://b:c@h/ next', `at rabbit://nova:${hidden}@h/ next`],
  ['mysql://n:a b@h/ and MYSQL://n:a b@h/', `mysql://n:${hidden}@h/ and MYSQL://n:${hidden}@h/`],
  [
    "curl -u 'a:x y' http://h/; curl -u 'a:x y' http://h/",
    `curl -u 'a:${hidden}' http://h/; curl -u 'a:${hidden}' http://h/`,
  ],
  [
    'curl -u "a:x y" http://h/; curl -u "a:x y" http://h/',
    `curl -u "a:${hidden}" http://h/; curl -u "a:${hidden}" http://h/`,
  ],
  ['run psk=hun"ter2 x" next', `run psk=${hidden} next`],
  ['user {pass: 99123, name: ann}', `user {pass: ${hidden}, name: ann}`],
  ["SET auth_password= 'x y' WHERE", `SET auth_password= ${hidden} WHERE`],
  ["SET auth_password ='x y' WHERE", `SET auth_password =${hidden} WHERE`],
  ['password = true-x', `password = ${hidden}`],
  ['password = x-true', `password = ${hidden}`],
  ['use_token = 1x', `use_token = ${hidden}`],
  ['use_token = x1', `use_token = ${hidden}`],
  ['basis_password = 12', `basis_password = ${hidden}`],
  ['pass: 99123, name: ann', `pass: ${hidden}`],
  ['db_pass: 12, fail: 1', `db_pass: ${hidden}`],
  ['password: 12, fail: 1', `password: ${hidden}`],
  ['pass: x 12, fail: 1', `pass: ${hidden}`],
  ["<nvpair name='passwd' value='S3cret'/>", `<nvpair name='passwd' value="${hidden}"/>`],
])('%s', (text, wanted) => {
  expect(redact(text)).toBe(wanted)
})

test.each([
  "use_token = '1'",
  'send_service_user_token = "true"',
  'use_token = 1,',
  'use_token = 10',
  'use_token = yes ',
  'tests: 13, pass:  12, fail: 1',
  'tests: 13, pass: 12,fail: 1',
  'tests: 13, pass: 12, fail:1',
  'pass: 12,fail: 1',
  'pass: 12, fail:1',
  'give <password> as the last word',
  '| use_password | true |',
  'say password: |\n  more\n',
  '  a: 1\n  b: |\n    text\n',
  '://a:b@c',
  'a@b,http://h:x/y',
])('left unchanged: %s', (text) => {
  expect(redact(text)).toBe(text)
})
