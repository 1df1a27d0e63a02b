import type { Cloud } from '../cloud.ts'
import { inNetwork } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'

/** sha256 of every active image as downloaded from glance, by image id. */
export const askImages = async (cloud: Cloud): Promise<Readonly<Record<string, string>>> => {
  const { images } = (await cloud.get('image', '/v2/images?limit=1000&visibility=all')) as {
    images: { id: string; name: string; status: string; size: number }[]
  }
  const found: Record<string, string> = {}
  for (const image of images.filter(({ status }) => status === 'active'))
    found[image.id] = `${await download(cloud, image.id)} ${image.size} bytes`
  return found
}

const download = async (cloud: Cloud, id: string): Promise<string> => {
  const config = [
    `url = "${cloud.urls['image']}/v2/images/${id}/file"`,
    `header = "X-Auth-Token: ${cloud.token}"`,
    'silent',
    'show-error',
    'fail',
    'max-time = 120',
  ]
  const out = await inNetwork(
    'operator',
    ['bash', '-c', 'set -o pipefail; curl --noproxy "*" --config - | sha256sum'],
    {
      stdin: `${config.join('\n')}\n`,
    },
  )
  return out.slice(0, 64)
}

/** Every image, downloaded, is byte for byte the same as before. */
export const sameImages = (cloud: Cloud, before: Readonly<Record<string, string>>): Proof => ({
  name: 'images downloaded through the API are byte for byte the same',
  run: async () => {
    const after = await askImages(cloud)
    demandNone('images differ', differences(before, after))
    const bytes = Object.values(after).reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)
    return `${Object.keys(after).length} images, ${(bytes / 1e6).toFixed(1)} MB: sha256 equal`
  },
})
