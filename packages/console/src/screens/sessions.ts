/** The newest sessions. */
import type { Session } from '@ipse/protocol'
import { html, type TemplateResult } from 'lit'
import { newest } from '../api.ts'
import { type Table, tableView } from '../parts/table.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'
import { code, time, words } from '../words.ts'

const MOST = 100

const TABLE: Table<Session> = {
  title: 'Sessions',
  empty: 'There are no sessions yet.',
  head: ['Session', 'Created', 'Purpose', 'State', 'Decision', 'Reasons'],
  row: ({ id, createdAt, purpose, state, decision = '–', reasons }) => [
    html`<a href=${hrefOf({ screen: 'sessions', item: id })}>${code(id)}</a>`,
    time(createdAt),
    purpose,
    state,
    decision,
    reasons.map(words).join(', ') || '–',
  ],
}

export class Sessions extends Screen {
  static override properties = { ...Screen.properties, sessions: { state: true } }

  declare private sessions: readonly Session[] | undefined

  protected override async load(): Promise<void> {
    this.sessions = await newest<Session>('/v1/sessions', MOST)
  }

  override render(): TemplateResult {
    return html`${this.heading('Sessions', `The newest ${MOST}.`)} ${tableView(TABLE, this.sessions)}`
  }
}

customElements.define('ipse-sessions', Sessions)
