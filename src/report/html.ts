import { forTerminal } from '../text/printable.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text escaped for HTML elements and quoted attributes, without secrets. */
export const escaped = (text: string): string =>
  forTerminal(text).replace(/[&<>"']/g, (character) => entities[character] as string)

/** A table with a caption for screen readers; cells are HTML already. '' when there are no rows. */
export const table = (caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  if (rows.length === 0) return ''
  const head = heads.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')
  // On a narrow screen each cell shows its heading.
  const cell = (content: string, column: number): string =>
    `<td data-head="${escaped(heads[column] ?? '')}">${content}</td>`
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n')
  return `<div class="wide"><table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

export const section = (title: string, ...parts: readonly string[]): string => {
  const body = parts.filter((part) => part !== '')
  return `<section><h2>${escaped(title)}</h2>\n${body.join('\n')}\n</section>`
}

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`

export const list = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>\n${items.map((item) => `<li>${escaped(item)}</li>`).join('\n')}\n</ul>`

/** Text whose line breaks and columns matter. */
export const preformatted = (text: string): string => (text === '' ? '' : `<pre tabindex="0">${escaped(text)}</pre>`)
