/** `<ipse-console>`: who is signed in decides what is shown. It decides nothing itself: every answer is the service's. */
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { type CSSResultGroup, html, LitElement, type TemplateResult } from 'lit'
import { ask, type Me, Refused } from './api.ts'
import { makePasskey, sentenceOf, usePasskey } from './passkeys.ts'
import { parseRoute, type Route } from './route.ts'
import { page, styles } from './styles.ts'
import { desk } from './views/desk.ts'
import { type Invited, invitationView, signInView } from './views/door.ts'

type Creation = PublicKeyCredentialCreationOptionsJSON
type Invitation = Invited & { readonly options: Creation }

/** What the service says behind `#` when it sends the browser back from an identity provider. */
const SIGN_IN_PROBLEMS: Readonly<Record<string, string>> = {
  refused: 'Your organisation’s sign-in did not open Ipse. Ask an owner whether you have a role here.',
  unreachable: 'Your organisation’s sign-in does not answer. Try again later.',
}

/** The secret of an invitation stands after `#`; it is read once and taken out of the address and the history. */
function takeFragment(): string {
  const fragment = location.hash.slice(1)
  if (fragment !== '' && !fragment.startsWith('/')) history.replaceState(null, '', location.pathname)
  return fragment
}

class IpseConsole extends LitElement {
  static override styles: CSSResultGroup = styles
  static override properties = {
    me: { state: true },
    invited: { state: true },
    oidc: { state: true },
    busy: { state: true },
    problem: { state: true },
    route: { state: true },
    ready: { state: true },
  }

  declare private me: Me | undefined
  declare private invited: Invitation | undefined
  declare private oidc: boolean
  declare private busy: boolean
  declare private problem: string | undefined
  declare private route: Route
  declare private ready: boolean
  private secret = ''

  constructor() {
    super()
    this.oidc = false
    this.busy = false
    this.ready = false
    this.route = parseRoute(location.hash)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const fragment = takeFragment()
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash)
    })
    if (fragment.startsWith('invitation=')) this.secret = fragment.slice('invitation='.length)
    void this.work(async () => {
      await (this.secret === '' ? this.enter() : this.readInvitation())
      this.problem = SIGN_IN_PROBLEMS[fragment]
    }).then(() => {
      this.ready = true
    })
  }

  override render(): TemplateResult {
    if (!this.ready) return html``
    const { busy, problem, me, oidc, invited, route } = this
    if (me)
      return desk(
        { me, busy, problem, route },
        {
          addPasskey: () => void this.work(() => this.addPasskey()),
          signedOut: () => void this.work(() => this.enter()),
          signOut: () => void this.work(() => this.leave('/admin/sign-out')),
          signOutEverywhere: () => void this.work(() => this.leave('/admin/sign-out-everywhere')),
        },
      )
    if (this.secret !== '')
      return invitationView({ busy, problem, invited }, () => void this.work(() => this.accept()))
    return signInView({ busy, problem, oidc }, () => void this.work(() => this.signIn()))
  }

  /** One thing at a time; whatever goes wrong becomes a sentence. */
  private async work(action: () => Promise<void>): Promise<void> {
    this.busy = true
    this.problem = undefined
    try {
      await action()
    } catch (error) {
      this.problem =
        error instanceof Refused && error.status === 401
          ? 'This passkey does not open Ipse.'
          : sentenceOf(error)
    }
    this.busy = false
  }

  /** Shows whoever is signed in, or the door. */
  private async enter(): Promise<void> {
    try {
      this.me = await ask<Me>('GET', '/admin/me')
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error
      this.me = undefined
      this.oidc = (await ask<{ oidc: boolean }>('GET', '/admin/sign-in')).oidc
      return
    }
  }

  private async signIn(): Promise<void> {
    const options = await ask<PublicKeyCredentialRequestOptionsJSON>('POST', '/admin/sign-in/options', {})
    await ask('POST', '/admin/sign-in', await usePasskey(options))
    await this.enter()
  }

  private async readInvitation(): Promise<void> {
    this.invited = await ask<Invitation>('POST', '/admin/invitation/options', { invitation: this.secret })
  }

  private async accept(): Promise<void> {
    // The challenge may have grown old while the page stood open.
    await this.readInvitation()
    const { options } = this.invited ?? {}
    if (!options) return
    await ask('POST', '/admin/invitation', { invitation: this.secret, passkey: await makePasskey(options) })
    this.secret = ''
    await this.enter()
  }

  private async addPasskey(): Promise<void> {
    const options = await ask<Creation>('POST', '/admin/passkeys/options', {})
    await ask('POST', '/admin/passkeys', await makePasskey(options))
    await this.enter()
  }

  private async leave(path: string): Promise<void> {
    await ask('POST', path, {})
    history.replaceState(null, '', location.pathname)
    this.route = parseRoute('')
    await this.enter()
  }
}

const sheet = page.styleSheet
if (sheet) document.adoptedStyleSheets = [sheet]
customElements.define('ipse-console', IpseConsole)
