import { expect, test } from 'vitest'
import { toolConfig, urlOptionOf, urlProperties } from '../../src/target/tool-config.ts'

const login = { user: 'u', password: 'p', tools: { driver: 'mysql+pymysql', settings: {}, plainUrl: false } } as const

test('one section per database; other options that the tools need are added', () => {
  const databases = [{ name: 'nova_api', section: 'api_database' }, { name: 'nova_cell0' }, { name: 'nova' }]
  const settings = { DEFAULT: { core_plugin: 'x.Y' }, database: { sqlite_db: 'z' } }
  expect(toolConfig({ ...login, tools: { ...login.tools, settings } }, databases, (name) => `try_${name}`)).toBe(
    '[api_database]\nconnection = mysql+pymysql://u:p@localhost/try_nova_api?unix_socket=/run/mysqld/mysqld.sock&charset=utf8\n' +
      '[database]\nconnection = mysql+pymysql://u:p@localhost/try_nova?unix_socket=/run/mysqld/mysqld.sock&charset=utf8\nsqlite_db = z\n' +
      '[DEFAULT]\ncore_plugin = x.Y\n',
  )
})

test('tools that accept no quoted path are started beside the socket', () => {
  const tools = { driver: 'mysql', settings: {}, plainUrl: 'path' } as const
  expect(toolConfig({ ...login, tools }, [{ name: 'glance' }])).toBe(
    '[database]\nconnection = mysql://u:p@localhost/glance?unix_socket=mysqld.sock&charset=utf8\n',
  )
  expect(urlProperties(tools)).toEqual(['WorkingDirectory=/run/mysqld'])
  expect(urlProperties({ plainUrl: 'password' })).toEqual([])
})

test('tools that look for the URL in an option of another name get it there, and in no other', () => {
  const tools = { ...login.tools, url: ['DEFAULT', 'sql_connection'] } as const
  expect(toolConfig({ ...login, tools }, [{ name: 'barbican' }])).toBe(
    '[DEFAULT]\nsql_connection = mysql+pymysql://u:p@localhost/barbican?unix_socket=/run/mysqld/mysqld.sock&charset=utf8\n',
  )
  expect(urlOptionOf(tools, {})).toEqual(['DEFAULT', 'sql_connection'])
  expect(urlOptionOf({ url: false }, { section: 'api_database' })).toEqual(['api_database', 'connection'])
})
