/** What is held about a subject: exported, erased with a signed receipt; what waits for a second person; what the rules delete. */
import {
  APPROVAL_ACTIONS,
  type Approval,
  type Erasure,
  type Page,
  type RetentionReport,
  type SubjectExport,
} from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { ask } from '../api.ts'
import '../parts/once.ts'
import '../parts/sure.ts'
import { textOf } from '../parts/forms.ts'
import { save } from '../parts/save.ts'
import { type Cell, type Table, tableView } from '../parts/table.ts'
import { Screen } from '../screen.ts'
import { time, words } from '../words.ts'

/** Scopes of which one opens the screen. */
export const PRIVACY_SCOPES = ['subject:read', 'subject:delete', 'privacy:manage', 'approval:decide'] as const

const RETENTION: Table<RetentionReport['due'][number]> = {
  title: 'What the next sweep deletes',
  empty: 'Nothing is due.',
  head: ['Kind', 'After', 'Why', 'Due now', 'Longest due since'],
  row: ({ rule, days, why, count, since }) => [
    words(rule),
    `${days} days`,
    why,
    String(count),
    time(since, '–'),
  ],
}

export class Privacy extends Screen {
  static override properties = {
    ...Screen.properties,
    subject: { state: true },
    receipt: { state: true },
    approvals: { state: true },
    report: { state: true },
  }

  /** As it is typed; it stands in no address. */
  declare private subject: string
  declare private receipt: string | undefined
  declare private approvals: readonly Approval[] | undefined
  declare private report: RetentionReport | undefined

  constructor() {
    super()
    this.subject = ''
  }

  protected override async load(): Promise<void> {
    const [approvals, report] = await Promise.all([
      this.may('approval:decide') ? ask<Page<Approval>>('GET', '/admin/approvals?limit=100') : undefined,
      this.may('privacy:manage') ? ask<RetentionReport>('GET', '/v1/privacy/report') : undefined,
    ])
    this.approvals = approvals?.items
    this.report = report
  }

  override render(): TemplateResult {
    return html`${this.heading('Privacy', 'What is held about people, and for how long.')}
    ${this.may('subject:read') || this.may('subject:delete') ? this.subjectCard() : nothing} ${this.once()}
    ${this.may('approval:decide') ? tableView(this.approvalTable(), this.approvals) : nothing}
    ${this.may('privacy:manage') ? tableView(RETENTION, this.report?.due) : nothing}`
  }

  private subjectCard(): TemplateResult {
    const named = this.subject !== ''
    return html`<form class="card" aria-label="A subject" @submit=${(event: SubmitEvent) => this.export(event)}>
      <h2>A subject</h2>
      <label>
        Name of the subject, as the relying party calls it
        <input
          name="subject"
          required
          pattern="[A-Za-z0-9._:@\\-]{1,128}"
          autocomplete="off"
          spellcheck="false"
          @input=${({ target }: InputEvent) => {
            this.subject = (target as HTMLInputElement).value.trim()
          }}
        />
      </label>
      <p class="muted">The export holds everything but the template itself. Both are written to the audit log.</p>
      <div class="sure">
        ${this.may('subject:read') ? html`<button ?disabled=${this.busy}>Export</button>` : nothing}
        ${
          this.may('subject:delete')
            ? html`<ipse-sure
                .label=${'Erase'}
                .what=${'this subject'}
                .consequence=${'Templates, sessions and passkeys of this subject are gone for good.'}
                .disabled=${this.busy || !named}
                @sure=${() => void this.asking(() => this.erase(), 'The subject is erased.')}
              ></ipse-sure>`
            : nothing
        }
      </div>
    </form>`
  }

  private once(): TemplateResult | typeof nothing {
    if (this.receipt === undefined) return nothing
    return html`<ipse-once
      .label=${'Receipt of the erasure'}
      .advice=${'Signed by this service; keep it as the proof. Ipse keeps no copy that names the subject.'}
      .value=${this.receipt}
    ></ipse-once>`
  }

  private approvalTable(): Table<Approval> {
    return {
      title: 'Waiting for a second person',
      empty: 'Nothing was asked for.',
      head: ['Wish', 'Target', 'Asked by', 'Until', 'State', 'Action'],
      row: (approval) => this.approvalRow(approval),
    }
  }

  private approvalRow({ id, action, target, requestedBy, expiresAt, state }: Approval): readonly Cell[] {
    const decide = (decision: 'approve' | 'refuse', done: string) =>
      void this.work(async () => {
        await ask('POST', `/admin/approvals/${id}/decision`, { decision })
        await this.load()
      }, done)
    const choice = html`<div class="sure">
      <ipse-sure
        .label=${'Approve'}
        .what=${`${action} ${target}`}
        .consequence=${'Whoever asked may do it once, within a day.'}
        .disabled=${this.busy || requestedBy === this.me.id}
        @sure=${() => decide('approve', 'Approved: it may be done now.')}
      ></ipse-sure>
      <button
        aria-label="Refuse ${action} ${target}"
        ?disabled=${this.busy}
        @click=${() => decide('refuse', 'Refused.')}
      >Refuse</button>
    </div>`
    return [
      html`<span title=${APPROVAL_ACTIONS[action]}>${words(action)}</span>`,
      target,
      requestedBy === this.me.id ? 'you' : html`<code>${requestedBy}</code>`,
      time(expiresAt),
      state,
      state === 'waiting' ? choice : '–',
    ]
  }

  private export(event: SubmitEvent): void {
    event.preventDefault()
    const subject = textOf(new FormData(event.target as HTMLFormElement), 'subject')
    void this.asking(async () => {
      const path = `/v1/subjects/${encodeURIComponent(subject)}/export`
      save(await ask<SubjectExport>('GET', path), 'subject-export.json')
    }, 'The export is among your downloads.')
  }

  private async erase(): Promise<void> {
    this.receipt = undefined
    const path = `/v1/subjects/${encodeURIComponent(this.subject)}`
    this.receipt = (await ask<Erasure>('DELETE', path)).receipt
  }

  /** What needs a second person appears in the list below. */
  private async asking(action: () => Promise<void>, done: string): Promise<void> {
    await this.work(action, done)
    const { problem } = this
    if (problem === undefined) return
    await this.work(() => this.load())
    this.problem ??= problem
  }
}

customElements.define('ipse-privacy', Privacy)
