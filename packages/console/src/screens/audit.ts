/** The audit log: its head, its last checkpoint, its newest entries, and whether these are what was signed, found out here. */
import { type LogEntry, type LogView, parseVerifier } from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { ask, download } from '../api.ts'
import { checkPart, entriesOf, type Part, readPart } from '../log-check.ts'
import { textOf } from '../parts/forms.ts'
import { type Cell, type Table, tableView } from '../parts/table.ts'
import { Screen } from '../screen.ts'
import { code, time, words } from '../words.ts'

/** Entries in the table; more are read and checked. */
const SHOWN = 100

/** Members that say what an entry is about, in the order in which one is chosen. */
const ABOUT = ['sessionId', 'reviewId', 'person', 'key', 'consent', 'approval', 'erasure', 'subject'] as const
/** Members that stand in columns of their own, or in every entry. */
const KNOWN: readonly string[] = [
  ...ABOUT,
  'v',
  'index',
  'id',
  'time',
  'tenant',
  'event',
  'actor',
  'requestId',
]

const TABLE: Table<LogEntry> = {
  title: 'Newest entries',
  empty: 'The log has no entry yet.',
  head: ['Place', 'Time', 'Event', 'About', 'By', 'Details'],
  row: entryRow,
}

const readLog = (path: string) => download(`/v1/log/${path}`)

export class Audit extends Screen {
  static override properties = {
    ...Screen.properties,
    log: { state: true },
    newest: { state: true },
    entries: { state: true },
  }

  declare private log: LogView | undefined
  declare private newest: Part | undefined
  declare private entries: readonly LogEntry[] | undefined

  protected override async load(): Promise<void> {
    const log = await ask<LogView>('GET', '/v1/log')
    this.log = log
    this.newest = await readPart(log.size, readLog)
    this.entries = entriesOf(this.newest).toReversed()
  }

  override render(): TemplateResult {
    return html`${this.heading('Audit log', 'What was done and by whom. Subjects stand in it by a pseudonym; nothing in it can be changed unseen.')}
    ${this.log === undefined ? nothing : this.head(this.log)} ${tableView(TABLE, this.entries?.slice(0, SHOWN))}`
  }

  private head({ origin, size, root, signedSize, signedAt }: LogView): TemplateResult {
    const fact = (name: string, value: string | TemplateResult) =>
      html`<div><dt>${name}</dt><dd>${value}</dd></div>`
    return html`<form class="card" aria-label="Head of the log" @submit=${(event: SubmitEvent) => this.verify(event)}>
      <h2>Head of the log</h2>
      <dl class="facts">
        ${fact('Log', code(origin))} ${fact('Entries', String(size))} ${fact('Root', code(root))}
        ${fact('Last checkpoint', signedSize === 0 ? 'none yet' : html`${signedSize} entries, ${time(signedAt)}`)}
      </dl>
      <label>
        Verifier key that you keep; empty for those that the service names
        <input name="key" autocomplete="off" spellcheck="false" placeholder="${origin}+…" />
      </label>
      <p class="muted">
        The newest ${this.newest?.entries.length ?? 0} entries are hashed in this browser and held against the signed checkpoint. A key that
        you got before, on another way, makes it worth more; the whole log is checked by <code>ipse audit verify</code>.
      </p>
      <div><button class="primary" ?disabled=${this.busy || size === 0}>Verify</button></div>
    </form>`
  }

  private verify(event: SubmitEvent): void {
    event.preventDefault()
    const kept = textOf(new FormData(event.target as HTMLFormElement), 'key')
    void this.work(async () => {
      const note = new TextDecoder().decode(await readLog('checkpoint'))
      // The checkpoint may be newer than what is shown.
      await this.load()
      const { newest, log } = this
      if (!newest || !log) return undefined
      const keys = await Promise.all((kept === '' ? log.keys : [kept]).map(parseVerifier))
      const { checkpoint, covered } = await checkPart(newest, note, keys, readLog)
      return `${covered} entries are what was signed: the root of all ${checkpoint.size} agrees with the checkpoint.`
    })
  }
}

function entryRow(entry: LogEntry): readonly Cell[] {
  const about = ABOUT.find((name) => entry[name] !== undefined)
  const more = Object.entries(entry).filter(([name]) => !KNOWN.includes(name))
  return [
    String(entry.index),
    time(new Date(entry.time).toISOString()),
    words(entry.event.replace('.', ' ')),
    about === undefined ? '–' : code(String(entry[about])),
    entry.actor === undefined ? '–' : code(String(entry.actor)),
    more.map(([name, value]) => `${name}: ${detail(value)}`).join('; ') || '–',
  ]
}

/** Lists and counts as people read them. */
function detail(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.map(detail).join(', ')
  return Object.entries(value)
    .map(([name, member]) => `${name} ${detail(member)}`)
    .join(', ')
}

customElements.define('ipse-audit', Audit)
