/** What may be seen, as tables: one card a list, shown when the person's scopes open it. */
import { html, type TemplateResult } from 'lit'
import type { Items, KeyRow, PersonRow, ReviewRow, SessionRow } from '../api.ts'

type Cell = string | TemplateResult

interface List {
  readonly title: string
  readonly scope: string
  readonly path: string
  readonly empty: string
  readonly head: readonly string[]
  readonly row: (item: never) => readonly Cell[]
}

function list<T>(
  scope: string,
  title: string,
  path: string,
  empty: string,
  head: readonly string[],
  row: (item: T) => readonly Cell[],
): List {
  return { scope, title, path, empty, head, row }
}

const code = (text: string) => html`<code>${text}</code>`
const time = (text: string | undefined) =>
  text === undefined
    ? 'never'
    : html`<time datetime=${text}>${new Date(text).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}</time>`

export const LISTS: readonly List[] = [
  list<ReviewRow>(
    'review:read',
    'Waiting for a review',
    '/v1/reviews?limit=20',
    'No device waits for a review.',
    ['Review', 'Since', 'Score', 'Signs', 'Sessions'],
    (review) => [
      code(review.id),
      time(review.createdAt),
      String(review.score),
      review.spoofTypes.join(', '),
      String(review.sessions.length),
    ],
  ),
  list<SessionRow>(
    'session:read',
    'Sessions',
    '/v1/sessions?limit=20',
    'There are no sessions yet.',
    ['Session', 'Created', 'Purpose', 'State', 'Decision', 'Reasons'],
    (session) => [
      code(session.id),
      time(session.createdAt),
      session.purpose,
      session.state,
      session.decision ?? '–',
      session.reasons.join(', ') || '–',
    ],
  ),
  list<KeyRow>(
    'key:read',
    'API keys',
    '/admin/keys',
    'There are no API keys.',
    ['Key', 'Name', 'State', 'Last used', 'Scopes'],
    (key) => [code(key.kid), key.name, key.state, time(key.lastUsedAt), String(key.scopes.length)],
  ),
  list<PersonRow>(
    'people:read',
    'People',
    '/admin/people',
    'Nobody is here but you.',
    ['Name', 'Roles', 'State', 'Passkeys'],
    (person) => [person.name, person.roles.join(', '), person.state, String(person.passkeys)],
  ),
]

/** @param items undefined while they are on their way, or a sentence about why they are not */
export function listView(list: List, items: Items<unknown>['items'] | string | undefined): TemplateResult {
  return html`<section class="card" tabindex="0" aria-label=${list.title}>
    <h2>${list.title}</h2>
    ${content(list, items)}
  </section>`
}

function content(
  { head, row, empty }: List,
  items: Items<unknown>['items'] | string | undefined,
): TemplateResult {
  if (items === undefined) return html`<p class="muted">One moment …</p>`
  if (typeof items === 'string') return html`<p class="wrong">${items}</p>`
  if (items.length === 0) return html`<p class="muted">${empty}</p>`
  return html`<table>
    <thead>
      <tr>
        ${head.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${items.map(
        (item) => html`<tr>
          ${row(item as never).map((cell) => html`<td>${cell}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`
}
