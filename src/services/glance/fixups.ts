import { addressMap } from '../../rewrite/address-map.ts'
import type { Fixup } from '../../rewrite/fixup.ts'
import { urlTable } from '../../rewrite/urls.ts'

/** Image locations that are URLs with a host: 'http://HOST/...', 'swift+http://USER:KEY@HOST:5000/v3/...'. */
export const glanceFixups: readonly Fixup[] = [
  {
    name: 'image-locations',
    title: 'Locations of images at an address which stays behind',
    tables: [urlTable('image_locations', 'images', ['value'])],
    check: (args) => void addressMap(args),
  },
]
