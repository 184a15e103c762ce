/** A report as one HTML file without scripts: words, a plot, and the tables behind it. */
import { escapeXml } from './det-plot.ts'
import type { Table } from './tables.ts'

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
  th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #8884 }
  svg { max-width: 100%; height: auto }
  .warning { border-inline-start: 4px solid #b3261e; padding-inline-start: .8rem }`

export interface Page {
  readonly title: string
  /** Lines at the top. */
  readonly notes: readonly string[]
  /** What readers must not miss. */
  readonly warnings?: readonly string[]
  /** An SVG of ours: put in as it is. */
  readonly plot: string
  readonly tables: readonly { readonly title: string; readonly table: Table }[]
}

function htmlTable({ head, rows }: Table): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`
}

export function htmlReport({ title, notes, warnings = [], plot, tables }: Page): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeXml(title)}</h1>
${warnings.map((line) => `<p class="warning">${escapeXml(line)}</p>`).join('\n')}
<p>${notes.map(escapeXml).join('<br>')}</p>
${plot}
${tables.map(({ title: heading, table }) => `<h2>${escapeXml(heading)}</h2>\n${htmlTable(table)}`).join('\n')}
</body>
</html>
`
}
