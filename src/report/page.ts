import { readFileSync } from 'node:fs'
import { escaped } from './html.ts'
import type { Report } from './report.ts'
import { checks, cost, outages, proofs, standing, timeline } from './sections.ts'

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8')

/** One self-contained HTML file: no scripts, images or fonts from elsewhere. */
export const pageOf = (report: Report): string => {
  const title = `Swap ${report.swap}: ${report.releases}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
${style}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1><p>Written by swapctl at ${escaped(report.at.toISOString().slice(0, 19).replace('T', ' '))} UTC. All times are UTC.</p></header>
<main>
${[standing, timeline, outages, checks, proofs, cost].map((part) => part(report)).join('\n')}
</main>
</body>
</html>
`
}
