/** The report of `ipse eval match` as one HTML file without scripts: the DET plot and the tables behind it. */
import { detPlot, escapeXml } from './det-plot.ts'
import type { MatchReport } from './match-report.ts'
import { claimTable, pointTable, summaryLines, type Table } from './tables.ts'

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
  th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #8884 }
  svg { max-width: 100%; height: auto }`

function htmlTable({ head, rows }: Table): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`
}

export function htmlReport(report: MatchReport, title: string, notes: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeXml(title)}</h1>
<p>${[...summaryLines(report), ...notes].map(escapeXml).join('<br>')}</p>
${detPlot(report, title)}
<h2>True accept rate at fixed false match rates</h2>
${htmlTable(claimTable(report))}
<h2>Operating points of the model</h2>
${htmlTable(pointTable(report))}
</body>
</html>
`
}
