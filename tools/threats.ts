/**
 * The threat model: what is feared, what stands against it, and the test that shows it. docs/threats.txt is its home, one
 * line a threat; docs/threat-model.md is made from it; threats.test.ts holds files and titles against the repository.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { link, markdownTable, parseShown, type ShownBy, shownText } from './shown.ts'

/** Letters in the file. */
export const STRIDE: Readonly<Record<string, string>> = {
  S: 'spoofing',
  T: 'tampering',
  R: 'repudiation',
  I: 'information disclosure',
  D: 'denial of service',
  E: 'elevation of privilege',
}
/** The reference documents that ask for it; `—` where it is our own. */
export const DOCUMENTS: Readonly<Record<string, string>> = {
  A: 'security of a face SDK and its web service',
  B: 'shared responsibility and abuse monitoring in liveness detection',
  C: 'security guidelines for face verification',
  D: 'security hardening of liveness beyond the model',
  E: 'security and compliance guide of a web SDK',
}

export interface Threat {
  readonly threat: string
  readonly stride: string
  readonly documents: string
  readonly control: string
  /** Where the control is. */
  readonly at: string
  readonly test: ShownBy
}

/** What Ipse does not stand against, and what helps meanwhile. */
export interface OpenThreat extends Pick<Threat, 'threat' | 'stride' | 'documents'> {
  readonly meanwhile: string
}

export interface ThreatModel {
  /** By chapter, in the order of the page. */
  readonly controlled: ReadonlyMap<string, readonly Threat[]>
  readonly open: readonly OpenThreat[]
}

export function readThreats(root: string): ThreatModel {
  const controlled = new Map<string, Threat[]>()
  const open: OpenThreat[] = []
  let chapter: Threat[] = []
  // The first line names the columns.
  for (const line of readFileSync(join(root, 'docs/threats.txt'), 'utf8').split('\n').slice(1)) {
    const cells = line.split(' | ')
    const [threat = '', stride = '', documents = '', control = '', at = '', shown = ''] = cells
    if (line.startsWith('# ')) {
      chapter = []
      controlled.set(line.slice(2), chapter)
    } else if (cells.length === 4) open.push({ threat, stride, documents, meanwhile: control })
    else if (cells.length === 6) {
      chapter.push({ threat, stride, documents, control, at, test: parseShown(shown) })
    } else if (line !== '') throw new SyntaxError(`docs/threats.txt: ${line}`)
  }
  for (const [name, rows] of controlled) if (rows.length === 0) controlled.delete(name)
  return { controlled, open }
}

export function threatModelMarkdown(root: string): string {
  const { controlled, open } = readThreats(root)
  const letters = (names: Readonly<Record<string, string>>) =>
    Object.entries(names)
      .map(([letter, name]) => `${letter} ${name}`)
      .join(' · ')
  const chapters = [...controlled].map(
    ([name, rows]) =>
      `## ${name}\n\n${markdownTable(
        ['threat', 'STRIDE', 'asked by', 'control', 'where', 'shown by'],
        rows.map(({ threat, stride, documents, control, at, test }) => [
          threat,
          stride,
          documents,
          control,
          link(at),
          shownText(test),
        ]),
      )}`,
  )
  return `# Threat model

What is feared, what stands against it, and the test that shows it. Whom Ipse trusts, what it guarantees and what it does not:
[SECURITY.md](../SECURITY.md).

STRIDE: ${letters(STRIDE)}.

Asked by: ${letters(DOCUMENTS)}; — our own.

${chapters.join('\n\n')}

## Known, and not controlled by Ipse

${markdownTable(
  ['threat', 'STRIDE', 'asked by', 'meanwhile'],
  open.map(({ threat, stride, documents, meanwhile }) => [threat, stride, documents, meanwhile]),
)}
`
}
