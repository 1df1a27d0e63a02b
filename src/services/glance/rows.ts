import { type RowCheck, rows } from '../row-check.ts'

export const glanceRows: readonly RowCheck[] = [
  {
    id: 'glance/stuck-images',
    level: 'block',
    title: 'No image is stuck in a transition',
    repo: 'glance',
    rows: 'images have been in transition for more than an hour',
    asks: [
      rows(
        'images',
        ['id', 'status', 'deleted'],
        "`deleted` = 0 AND `status` IN ('saving', 'uploading', 'importing') AND COALESCE(`updated_at`, `created_at`) < UTC_TIMESTAMP() - INTERVAL 1 HOUR",
        "CONCAT(`id`, ' ', `status`)",
      ),
    ],
    remedy: 'Delete them and upload them again',
    source: 'glance/domain/__init__.py',
    why: 'The upload is lost at the freeze.',
  },
  {
    id: 'glance/images-nowhere',
    level: 'warn',
    title: 'Active images have data',
    repo: 'glance',
    rows: 'active images have no location',
    asks: [
      {
        needs: { images: ['id', 'status', 'deleted'], image_locations: ['image_id', 'deleted'] },
        from:
          '{images} i LEFT JOIN {image_locations} l ON l.`image_id` = i.`id` AND l.`deleted` = 0' +
          " WHERE i.`deleted` = 0 AND i.`status` = 'active' AND i.`size` > 0 AND l.`id` IS NULL",
        example: 'i.`id`',
      },
    ],
    remedy: 'Delete the images or upload them again',
    source: 'glance/location.py',
    why: 'The image cannot be downloaded, before or after the swap.',
  },
]
