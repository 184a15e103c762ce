import type { ErrorCode } from '@ipse/protocol'
import { ERRORS } from '@ipse/protocol'
import { type CSSResultGroup, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { type CameraSource, type Environment, environmentProblem } from './camera.ts'
import { createEffects } from './effects.ts'
import { toEvent } from './events.ts'
import { advance, type Flow, type FlowEvent, INITIAL, isRunning } from './flow.ts'
import { type Language, pickLanguage } from './strings/index.ts'
import type { Strings } from './strings/strings.ts'
import { styles } from './styles/index.ts'
import { view } from './view.ts'

/**
 * Captures a person for one Ipse session and guides them: camera, hints, challenge, outcome. It decides nothing; the
 * page's backend learns the decision from the session's receipt.
 *
 * @summary `<ipse-check>` for a page that has a capture token from its backend.
 *
 * @attr session-token - Capture token of the session. Read once and removed from the document; prefer the property.
 * @attr capture-url - WebSocket address of the capture (`captureUrl` of the created session).
 * @attr lang - BCP 47 tag of the language; the page's, then the browser's, when absent.
 * @attr simulated - Says, and shows, that the camera is a simulated one. For development.
 * @attr nonce - For browsers without constructable style sheets under a nonce-based policy.
 *
 * @slot intro - Replaces what is said before the start.
 * @slot consent - Consent text; when filled, the start button waits until "I agree" is ticked.
 *
 * @fires ipse-ready - Token and address are there and this browser has what is needed.
 * @fires ipse-start - The person started; the browser asks for the camera.
 * @fires ipse-step - `{index, step}` a step is on screen.
 * @fires ipse-cue - `{index, step}` the dot of the step has moved, or its colour has changed.
 * @fires ipse-guide - `{hint, progress}` the service answered a frame.
 * @fires ipse-outcome - `{outcome, attemptsLeft}` pass, retry or fail. Not a proof: ask the backend.
 * @fires ipse-error - `{code, retry}` the capture could not go on.
 * @fires ipse-cancel - The person or the page ended the capture.
 *
 * @csspart frame, heading, stage, video, hint, advice, button, primary, simulated
 * @cssprop --ipse-accent, --ipse-on-accent, --ipse-surface, --ipse-text, --ipse-muted, --ipse-line, --ipse-good,
 *   --ipse-bad, --ipse-radius, --ipse-font
 */
export class IpseCheck extends LitElement {
  static override styles: CSSResultGroup = styles
  static override properties = {
    sessionToken: { attribute: 'session-token' },
    captureUrl: { attribute: 'capture-url' },
    lang: { reflect: true },
    simulated: { type: Boolean },
    camera: { attribute: false },
    strings: { attribute: false },
  }

  declare sessionToken: string | undefined
  declare captureUrl: string | undefined
  declare lang: string
  declare simulated: boolean
  /** Where the stream comes from; the browser's own camera when absent. Counts as simulated. */
  declare camera: CameraSource | undefined
  /** Replaces sentences of the chosen language. */
  declare strings: Partial<Strings> | undefined

  #flow: Flow = INITIAL
  readonly #effects = createEffects({
    document: this.ownerDocument,
    dispatch: (event) => this.#dispatch(event),
    emit: (event) => this.dispatchEvent(toEvent(event)),
    focusHeading: () => this.#focusHeading(),
    session: () => ({ url: this.captureUrl ?? '', token: this.sessionToken ?? '' }),
    camera: () => ({
      source: this.camera ?? ((constraints) => navigator.mediaDevices.getUserMedia(constraints)),
      simulated: this.#isSimulated(),
    }),
    title: () => this.#language().strings.title,
    video: () => this.#video(),
  })

  constructor() {
    super()
    this.simulated = false
  }

  /** Starts the capture, as the start button does. False when it cannot start now: no session, no consent, running. */
  start(): boolean {
    const { run } = this.#flow
    this.#dispatch({ type: 'start' })
    return this.#flow.run !== run
  }

  /** Ends the capture, releases the camera and shows the intro. */
  cancel(): void {
    this.#dispatch({ type: 'cancel' })
  }

  /** Moves the focus to the heading of what is shown: for pages that put the element in the place of something else. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.heading')?.focus(options)
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    // The token leaves the document as soon as it is read; its removal is not a new value.
    if (name === 'session-token' && value === null) return
    super.attributeChangedCallback(name, old, value)
    if (name === 'session-token') this.removeAttribute(name)
  }

  override createRenderRoot(): HTMLElement | DocumentFragment {
    // Lit falls back to <style nonce> where a browser has no constructable style sheets, and reads the nonce here.
    if (this.nonce) (globalThis as { litNonce?: string }).litNonce = this.nonce
    return super.createRenderRoot()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    if (isRunning(this.#flow)) this.cancel()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated) this.#dispatch({ type: 'consent', consent: this.#consentAsked() })
    if (changed.has('sessionToken') || changed.has('captureUrl')) this.#sessionChanged()
  }

  protected override render(): TemplateResult {
    const { strings, code } = this.#language()
    return view({
      flow: this.#flow,
      strings,
      language: code,
      simulated: this.#isSimulated(),
      calm: matchMedia('(prefers-reduced-motion: reduce)').matches,
      actions: {
        start: () => this.start(),
        cancel: () => this.cancel(),
        consent: (given) => this.#dispatch({ type: 'consent', consent: given ? 'given' : 'asked' }),
        colours: (agreed) => this.#dispatch({ type: 'colours', agreed }),
        passkey: (use) => this.#dispatch({ type: 'passkey-choice', use }),
        consentSlot: () => this.#dispatch({ type: 'consent', consent: this.#consentAsked() }),
      },
    })
  }

  #language(): Language {
    const wanted = [this.lang, this.closest('[lang]')?.getAttribute('lang'), ...navigator.languages]
    const { code, strings } = pickLanguage(wanted)
    return { code, strings: { ...strings, ...this.strings } }
  }

  #isSimulated(): boolean {
    return this.simulated || this.camera !== undefined
  }

  #consentAsked(): Flow['consent'] {
    const filled = [...this.children].some(({ slot }) => slot === 'consent')
    if (!filled) return 'not-asked'
    return this.#flow.consent === 'given' ? 'given' : 'asked'
  }

  #sessionChanged(): void {
    const present = Boolean(this.sessionToken && this.captureUrl)
    const problem: ErrorCode | undefined = environmentProblem(
      globalThis as Environment,
      this.camera !== undefined,
    )
    if (present && problem)
      this.#dispatch({ type: 'unsupported', code: problem, retry: ERRORS[problem].retry })
    else this.#dispatch({ type: 'session', present })
  }

  #dispatch(event: FlowEvent): void {
    const [flow, effects] = advance(this.#flow, event)
    if (flow === this.#flow && effects.length === 0) return
    this.#flow = flow
    this.requestUpdate()
    for (const effect of effects) this.#effects.run(effect)
  }

  async #video(): Promise<HTMLVideoElement> {
    await this.updateComplete
    const video = this.renderRoot.querySelector('video')
    if (!video) throw new TypeError('no video on screen')
    return video
  }

  async #focusHeading(): Promise<void> {
    await this.updateComplete
    // A page that focuses something else keeps it: the focus moves only where it was inside or was lost.
    const { activeElement } = this.ownerDocument
    if (activeElement && activeElement !== this && activeElement !== this.ownerDocument.body) return
    this.focus({ preventScroll: true })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ipse-check': IpseCheck
  }
}
