/** Before anybody is known: sign in, or take up an invitation. */
import { html, nothing, type TemplateResult } from 'lit'

export interface Invited {
  readonly name: string
  readonly tenant: string
  readonly roles: readonly string[]
}

interface Door {
  readonly busy: boolean
  readonly problem: string | undefined
}

function door({ problem }: Door, title: string, content: TemplateResult): TemplateResult {
  return html`<main class="door">
    <div class="brand"><img src="/admin/assets/icon.svg" alt="" />Ipse console</div>
    <h1>${title}</h1>
    ${content}
    <p role="alert" class="wrong">${problem ?? nothing}</p>
  </main>`
}

export function signInView(state: Door & { readonly oidc: boolean }, signIn: () => void): TemplateResult {
  return door(
    state,
    'Sign in',
    html`<button class="primary" ?disabled=${state.busy} @click=${signIn}>Use a passkey</button>
      ${state.oidc ? html`<a class="button" href="/admin/oidc/start">Use your organisation’s sign-in</a>` : nothing}
      <p class="muted">No account? Ask an owner for an invitation.</p>`,
  )
}

export function invitationView(
  state: Door & { readonly invited: Invited | undefined },
  accept: () => void,
): TemplateResult {
  const { invited, busy } = state
  if (!invited)
    return door(
      state,
      'Invitation',
      html`<p class="muted">Ask for a new link if it was used or is older than a day.</p>`,
    )
  const { name, tenant, roles } = invited
  return door(
    state,
    `Welcome, ${name}`,
    html`<p>You are invited as <strong>${roles.join(', ')}</strong> of <strong>${tenant}</strong>.</p>
      <button class="primary" ?disabled=${busy} @click=${accept}>Create a passkey</button>
      <p class="muted">It stays on your device or in your password manager. This link works once.</p>`,
  )
}
