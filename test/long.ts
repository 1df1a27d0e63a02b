/**
 * Whether everything is tested (`npm run test:long`), or `npm test` leaves out what repeats other tests at more places.
 */
export const long = process.env['SWAPCTL_LONG'] === '1'
