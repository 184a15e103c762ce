/** The page of somebody who is signed in: where one can go, and the screen that is shown. What is shown is what the scopes open. */
import { html, nothing, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import type { Me } from '../api.ts'
import { hrefOf, type Route, type ScreenName } from '../route.ts'
import '../screens/audit.ts'
import '../screens/keys.ts'
import '../screens/lockouts.ts'
import '../screens/overview.ts'
import '../screens/people.ts'
import { PRIVACY_SCOPES } from '../screens/privacy.ts'
import '../screens/review.ts'
import '../screens/reviews.ts'
import '../screens/session.ts'
import '../screens/sessions.ts'

interface Place {
  readonly name: string
  /** One of these opens it; absent for everybody. */
  readonly scopes?: readonly string[]
  readonly screen: (me: Me, item: string | undefined) => TemplateResult
}

const PLACES: Readonly<Record<ScreenName, Place>> = {
  overview: { name: 'Overview', screen: (me) => html`<ipse-overview .me=${me}></ipse-overview>` },
  reviews: {
    name: 'Reviews',
    scopes: ['review:read'],
    screen: (me, item) =>
      item === undefined
        ? html`<ipse-reviews .me=${me}></ipse-reviews>`
        : html`<ipse-review .me=${me} .item=${item}></ipse-review>`,
  },
  sessions: {
    name: 'Sessions',
    scopes: ['session:read'],
    screen: (me, item) =>
      item === undefined
        ? html`<ipse-sessions .me=${me}></ipse-sessions>`
        : html`<ipse-session .me=${me} .item=${item}></ipse-session>`,
  },
  lockouts: {
    name: 'Lock-outs',
    scopes: ['device:reset'],
    screen: (me) => html`<ipse-lockouts .me=${me}></ipse-lockouts>`,
  },
  privacy: {
    name: 'Privacy',
    scopes: PRIVACY_SCOPES,
    screen: (me) => html`<ipse-privacy .me=${me}></ipse-privacy>`,
  },
  audit: {
    name: 'Audit log',
    scopes: ['audit:read'],
    screen: (me) => html`<ipse-audit .me=${me}></ipse-audit>`,
  },
  keys: { name: 'API keys', scopes: ['key:read'], screen: (me) => html`<ipse-keys .me=${me}></ipse-keys>` },
  people: {
    name: 'People',
    scopes: ['people:read'],
    screen: (me) => html`<ipse-people .me=${me}></ipse-people>`,
  },
}

interface Desk {
  readonly me: Me
  readonly busy: boolean
  readonly problem: string | undefined
  readonly route: Route
}

interface Actions {
  readonly addPasskey: () => void
  /** The service no longer knows the session. */
  readonly signedOut: () => void
  readonly signOut: () => void
  readonly signOutEverywhere: () => void
}

export function desk({ me, busy, problem, route }: Desk, actions: Actions): TemplateResult {
  const open = (Object.entries(PLACES) as [ScreenName, Place][]).filter(
    ([, { scopes }]) => scopes === undefined || scopes.some((scope) => me.scopes.includes(scope)),
  )
  const [screen, place] = open.find(([name]) => name === route.screen) ?? ['overview', PLACES.overview]
  const item = screen === route.screen ? route.item : undefined
  return html`<header>
      <div class="brand"><img src="/admin/assets/icon.svg" alt="" />Ipse console</div>
      <div class="who">${me.name}<br /><span class="muted">${me.roles.join(', ')} · ${me.tenant}</span></div>
      <button ?disabled=${busy} @click=${actions.signOut}>Sign out</button>
      <button ?disabled=${busy} @click=${actions.signOutEverywhere}>Sign out everywhere</button>
      <nav aria-label="Screens">
        ${open.map(
          ([name, { name: title }]) =>
            html`<a href=${hrefOf({ screen: name })} aria-current=${name === screen ? 'page' : nothing}>${title}</a>`,
        )}
      </nav>
    </header>
    <main class="desk" @signed-out=${actions.signedOut} @add-passkey=${actions.addPasskey}>
      <p role="alert" class="wrong">${problem ?? nothing}</p>
      ${keyed(hrefOf(item === undefined ? { screen } : { screen, item }), place.screen(me, item))}
    </main>`
}
