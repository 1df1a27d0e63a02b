// Writes docs/checks.md from the built code: npm run docs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { checksDocument } from '../dist/src/checks/document.js'
import { listed } from '../dist/src/checks/index.js'

const folder = new URL('../docs/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('checks.md', folder), checksDocument(listed))
