/** The page of somebody who is signed in. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Items, Me } from '../api.ts'
import { LISTS, listView } from './lists.ts'

interface Overview {
  readonly me: Me
  readonly busy: boolean
  readonly problem: string | undefined
  readonly lists: ReadonlyMap<string, Items<unknown>['items'] | string>
}

interface Actions {
  readonly addPasskey: () => void
  readonly signOut: () => void
  readonly signOutEverywhere: () => void
}

export function overview({ me, busy, problem, lists }: Overview, actions: Actions): TemplateResult {
  return html`<header>
      <div class="brand"><img src="/admin/assets/icon.svg" alt="" />Ipse console</div>
      <div class="who">${me.name}<br /><span class="muted">${me.roles.join(', ')} · ${me.tenant}</span></div>
      <button ?disabled=${busy} @click=${actions.signOut}>Sign out</button>
      <button ?disabled=${busy} @click=${actions.signOutEverywhere}>Sign out everywhere</button>
    </header>
    <main class="overview">
      <h1>Overview</h1>
      <p role="alert" class="wrong">${problem ?? nothing}</p>
      ${me.passkeys.length < 2 && !me.oidc ? secondPasskey(me, busy, actions) : nothing}
      ${LISTS.filter(({ scope }) => me.scopes.includes(scope)).map((list) =>
        listView(list, lists.get(list.path)),
      )}
    </main>`
}

function secondPasskey({ passkeys }: Me, busy: boolean, { addPasskey }: Actions): TemplateResult {
  return html`<section class="card notice" aria-label="Passkeys">
    <div>
      <h2>Add a second passkey</h2>
      <p class="muted">
        You have ${passkeys.length === 1 ? 'one' : 'none'}. If that device is lost, somebody else has to invite you
        again. Use another device or a security key.
      </p>
    </div>
    <button ?disabled=${busy} @click=${addPasskey}>Add a passkey</button>
  </section>`
}
