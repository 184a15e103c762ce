/** A test that shows something, named as `file: title`, and whether it is there. Used by the pages that promise it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ShownBy {
  readonly file: string
  readonly title: string
}

/** @param text `path/to/file.test.ts: title of the test` */
export function parseShown(text: string): ShownBy {
  const [file = '', title = ''] = text.split(/: (.*)/)
  return { file, title }
}

/** Whether the file is there and has a test of that title. */
export function isShown(root: string, { file, title }: ShownBy): boolean {
  const path = join(root, file)
  if (title === '' || !file.endsWith('.test.ts') || !existsSync(path)) return false
  const source = readFileSync(path, 'utf8')
  return [`test('${title}'`, `test("${title}"`, `test(\`${title}\``].some((begin) => source.includes(begin))
}

/** From a page in docs/ to a file of the repository. */
export function link(path: string): string {
  return `[${path.split('/').at(-1)}](../${path})`
}

/** A title of many tests has a place for what each is about. */
export function shownText({ file, title }: ShownBy): string {
  return `${link(file)}: ${title.replace(/\$\{[^}]*\}/g, '…')}`
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
