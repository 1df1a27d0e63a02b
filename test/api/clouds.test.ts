import { expect, test } from 'vitest'
import { endpointOf } from '../../src/api/catalog.ts'
import { cloudOf } from '../../src/api/clouds.ts'

const file = (name: string, text: string) => ({ where: `source: /etc/openstack/${name}`, text })
const text = `
clouds:
  old: &base
    auth:
      auth_url: http://10.0.0.1:5000/v3
      username: admin
      project_name: admin
      user_domain_name: Default
    region_name: RegionOne
    interface: [internal, public]
    verify: false
  number:
    <<: *base
    auth: {auth_url: "http://n", password: 0123}
  vendored:
    profile: house
    auth: {username: me}
  many:
    auth: {auth_url: http://m}
    regions: [A, {name: B, values: {auth: {auth_url: http://b}}}]
`
const clouds = file('clouds.yaml', text)

test('values of the cloud and of its auth, with the secrets of secure.yaml', () => {
  const secure = file('secure.yaml', 'clouds:\n  old:\n    auth: {password: "p: #1"}\n')
  expect(cloudOf({ clouds, secure }, 'old')).toEqual({
    auth_url: 'http://10.0.0.1:5000/v3',
    username: 'admin',
    password: 'p: #1',
    project_name: 'admin',
    user_domain_name: 'Default',
    region_name: 'RegionOne',
    interface: 'internal,public',
    verify: 'false',
  })
})

test('a password of digits stays text, and YAML merge keys are applied', () => {
  expect(cloudOf({ clouds }, 'number')).toMatchObject({
    password: '0123',
    region_name: 'RegionOne',
    auth_url: 'http://n',
  })
})

test('a profile is looked up in clouds-public.yaml, and the cloud overrides it', () => {
  const vendors = file('clouds-public.yaml', 'public-clouds:\n  house:\n    auth: {auth_url: http://h, username: x}\n')
  expect(cloudOf({ clouds, vendors }, 'vendored')).toMatchObject({ auth_url: 'http://h', username: 'me' })
  expect(() => cloudOf({ clouds }, 'vendored')).toThrow("profile 'house' is missing in clouds-public.yaml")
})

test('of several regions one must be named, and its values apply', () => {
  expect(() => cloudOf({ clouds }, 'many')).toThrow('names several regions: A, B')
  expect(cloudOf({ clouds }, 'many', 'B')).toMatchObject({ region_name: 'B', auth_url: 'http://b' })
  expect(() => cloudOf({ clouds }, 'many', 'C')).toThrow('has no region C')
})

test('errors about a missing cloud or a file that is not YAML do not quote the file', () => {
  expect(() => cloudOf({ clouds }, 'new')).toThrow("has no cloud 'new'")
  const broken = file('clouds.yaml', 'clouds:\n  a:\n    auth: {password: s3cret\n  b: ]')
  expect(() => cloudOf({ clouds: broken }, 'a')).toThrow(/^line \d+: is not YAML \(\w+\)$/)
})

const endpoint = (region: string, url: string, name = 'public') => ({ region_id: region, interface: name, url })
const catalog = [
  {
    type: 'compute',
    endpoints: [
      endpoint('One', 'http://one/'),
      endpoint('Two', 'http://two'),
      endpoint('Two', 'http://in', 'internal'),
    ],
  },
  { type: 'identity', endpoints: [{ region: 'One', interface: 'public', url: 'http://k' }] },
]

test("the endpoint of the region that the admin's file names", () => {
  expect(endpointOf(catalog, 'compute', { region: 'Two', interfaces: ['public'] })).toBe('http://two')
  expect(endpointOf(catalog, 'compute', { region: 'One', interfaces: ['public'] })).toBe('http://one')
  expect(endpointOf(catalog, 'compute', { region: 'One', interfaces: ['internal', 'public'] })).toBe('http://one')
  expect(endpointOf(catalog, 'compute', { region: 'Two', interfaces: ['internal', 'public'] })).toBe('http://in')
  expect(endpointOf(catalog, 'compute', { region: 'Three', interfaces: ['public'] })).toBeUndefined()
  expect(endpointOf(catalog, 'identity', { interfaces: ['public'] })).toBe('http://k')
  expect(endpointOf(catalog, 'image', { interfaces: ['public'] })).toBeUndefined()
})

test('several regions and none named: refused, listing the regions', () => {
  expect(() => endpointOf(catalog, 'compute', { interfaces: ['public'] })).toThrow("several regions, 'One', 'Two'")
  expect(endpointOf(catalog, 'compute', { interfaces: ['internal'] })).toBe('http://in')
})
