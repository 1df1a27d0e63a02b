import { hidden } from './hidden.ts'
import { named, type Rule } from './named.ts'

/** One shell word made of pieces with different quoting: 'it'"'"'s' */
export const word = String.raw`(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\.|[^\s'"\\;])+`
/** An argument; one without a quote at its beginning ends at a blank, whatever it contains. */
const argument = String.raw`(?:(?=['"])(?:'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|\\.|[^\s'"\\])+|\S+)`

const curlUser = '(?:-[a-zA-Z]{0,8}[uU]|--user|--proxy-user)'

/** Options that take a password as the next word, each with the programs for which they do. */
const options: readonly (readonly [RegExp, RegExp])[] = (
  [
    ['sshpass|rabbitmqadmin', '-p'],
    ['ldap[a-z]+', '-w'],
    ['ldappasswd', '-[as]'],
    ['ipmitool', '-P'],
  ] as const
).map(([programs, option]) => [
  new RegExp(String.raw`^.*\b(?:${programs})\b.*$`, 'gm'),
  new RegExp(String.raw`((?<=\s)'?${option}'?\s+)${argument}`, 'g'),
])

const passwordOptions: Rule = (text) =>
  options.reduce((rest, [line, option]) => rest.replace(line, (one) => one.replace(option, `$1${hidden}`)), text)

/** Programs that take a password glued to -p, and the options of curl that hold a secret. */
const glued: Rule = (text) =>
  text.replace(/^.*\b(?:mysql|mariadb|sshpass|xtrabackup|innobackupex|curl)\w*\b.*$/gm, (line) =>
    line
      .replace(new RegExp(String.raw`(?<=\s)(-p)(?!\[REDACTED\])(${word})`, 'g'), `$1${hidden}`)
      .replace(/(?<=\s)('-p)[^']+(?=')/g, `$1${hidden}`)
      .replace(
        new RegExp(String.raw`(\s(?:${curlUser}(?:'?[ =])?'|'${curlUser}=?)[^\s:'"-][^\s:'"]*:)[^'\n]+`, 'g'),
        `$1${hidden}`,
      )
      .replace(new RegExp(String.raw`(\s${curlUser}[ =]?"[^\s:'"-][^\s:'"]*:)(?:[^"\\\n]|\\.)+`, 'g'), `$1${hidden}`)
      .replace(new RegExp(String.raw`(\s${curlUser}[ =]?[^\s:'"-][^\s:'"]*:)(?=['"])${argument}`, 'g'), `$1${hidden}`)
      .replace(
        new RegExp(String.raw`(\s'?${curlUser}(?:'?[ =])?['"]?[^\s:'"-][^\s:'"]*:)[^\s'"]+`, 'g'),
        `$1${hidden}`,
      ),
  )

/** rabbitmqctl add_user nova x, iscsiadm -n node.session.auth.password -v x */
const words: Rule = (text) =>
  text
    .replace(
      new RegExp(String.raw`(\b(?:add_user|change_password|authenticate_user)\s+\S+\s+)${argument}`, 'g'),
      `$1${hidden}`,
    )
    .replace(
      new RegExp(String.raw`(\s(?:-n|--name)[ =]+[\w.]*\.password(?:_in)?\s+(?:-v|--value)[ =]+)${argument}`, 'g'),
      `$1${hidden}`,
    )

const byName = named(/(?<![\w-])(?<name>--[\w-]+)'?\s+/g, new RegExp(`(?!-)${argument}`, 'y'))

/** Passwords in the arguments of commands. */
export const commandLines: Rule = (text) =>
  [glued, passwordOptions, words, byName].reduce((rest, rule) => rule(rest), text)
