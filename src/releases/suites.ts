import type { ReleaseName } from './series.ts'

/** A suite of a distribution that has the packages of a release. */
export interface Suite {
  readonly release: ReleaseName
  readonly distribution: 'Debian' | 'Ubuntu'
  /** 'bookworm' */
  readonly name: string
  /** how the packages of its Pythons begin: some have both, and their services either */
  readonly pythons: readonly ('python' | 'python3')[]
  /** of Ubuntu's cloud archive, beside the suite's own packages: 'jammy-updates/zed' */
  readonly pocket?: string
}

const old = ['python'] as const
const both = ['python', 'python3'] as const
const today = ['python3'] as const

const debian = (name: string, pythons: Suite['pythons'], release: ReleaseName): Suite => ({
  ...{ release, distribution: 'Debian', name, pythons },
})

/** A long-term release of Ubuntu has one OpenStack release itself; others are in the cloud archive. */
const ubuntu = (
  name: string,
  pythons: Suite['pythons'],
  own: ReleaseName,
  ...others: readonly ReleaseName[]
): readonly Suite[] => {
  const suite = { distribution: 'Ubuntu', name, pythons } as const
  return [
    { ...suite, release: own },
    ...others.map((release) => ({ ...suite, release, pocket: `${name}-updates/${release}` })),
  ]
}

/**
 * Which suites have which release. Sources: wiki.debian.org/OpenStack, wiki.ubuntu.com/OpenStack/CloudArchive. Only
 * bookworm has been used so far; what is made is proved by its package versions in any case.
 */
export const suites: readonly Suite[] = [
  debian('jessie', old, 'icehouse'),
  debian('stretch', old, 'newton'),
  debian('buster', both, 'rocky'),
  debian('bullseye', today, 'victoria'),
  debian('bookworm', today, 'zed'),
  debian('trixie', today, 'epoxy'),
  ...ubuntu('trusty', old, 'icehouse', 'juno', 'kilo', 'liberty', 'mitaka'),
  ...ubuntu('xenial', old, 'mitaka', 'newton', 'ocata', 'pike', 'queens'),
  ...ubuntu('bionic', both, 'queens', 'rocky', 'stein', 'train', 'ussuri'),
  ...ubuntu('focal', today, 'ussuri', 'victoria', 'wallaby', 'xena', 'yoga'),
  ...ubuntu('jammy', today, 'yoga', 'zed', 'antelope', 'bobcat', 'caracal'),
  ...ubuntu('noble', today, 'caracal', 'dalmatian', 'epoxy', 'flamingo'),
]

/** 'Debian bookworm', 'Ubuntu jammy with jammy-updates/zed of the cloud archive' */
export const suiteText = ({ distribution, name, pocket }: Suite): string =>
  `${distribution} ${name}${pocket === undefined ? '' : ` with ${pocket} of the cloud archive`}`
