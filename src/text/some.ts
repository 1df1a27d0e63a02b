/** The first few of many, as text: 'a, b and 7 more'. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${all.length - most} more`
