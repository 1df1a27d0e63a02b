/**
 * OpenStack's releases, oldest first: name, coordinated number, day. Source: openstack/releases
 * data/series_status.yaml.
 * To add a release, add a line here, one in every services/NAME/releases.ts (the revision its sync ends at), one in
 * services/nova/computes.ts (nova's service version) and, if one of its migrations refuses rows, an entry in a
 * blockers.ts. The tests name what is missing.
 */
export const series = [
  ['grizzly', '2013.1', '2013-04-04'],
  ['havana', '2013.2', '2013-10-17'],
  ['icehouse', '2014.1', '2014-04-17'],
  ['juno', '2014.2', '2014-10-16'],
  ['kilo', '2015.1', '2015-04-30'],
  ['liberty', '2015.2', '2015-10-15'],
  ['mitaka', '2016.1', '2016-04-07'],
  ['newton', '2016.2', '2016-10-06'],
  ['ocata', '2017.1', '2017-02-22'],
  ['pike', '2017.2', '2017-08-30'],
  ['queens', '2018.1', '2018-02-28'],
  ['rocky', '2018.2', '2018-08-30'],
  ['stein', '2019.1', '2019-04-10'],
  ['train', '2019.2', '2019-10-16'],
  ['ussuri', '2020.1', '2020-05-13'],
  ['victoria', '2020.2', '2020-10-14'],
  ['wallaby', '2021.1', '2021-04-14'],
  ['xena', '2021.2', '2021-10-06'],
  ['yoga', '2022.1', '2022-03-30'],
  ['zed', '2022.2', '2022-10-05'],
  ['antelope', '2023.1', '2023-03-22'],
  ['bobcat', '2023.2', '2023-10-04'],
  ['caracal', '2024.1', '2024-04-03'],
  ['dalmatian', '2024.2', '2024-10-02'],
  ['epoxy', '2025.1', '2025-04-02'],
  ['flamingo', '2025.2', '2025-10-01'],
  ['gazpacho', '2026.1', '2026-04-01'],
] as const

export type ReleaseName = (typeof series)[number][0]
