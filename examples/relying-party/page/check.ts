/** Sign-up and sign-in in the page: form → capture → the backend's word. */
import type { CameraSource, IpseCheck } from '@ipse/web'
import { post, show, tell } from './api.ts'
import { loadElement } from './element.ts'

interface Started {
  readonly sessionId: string
  readonly captureToken: string
  readonly captureUrl: string
  readonly element: { readonly url: string; readonly integrity: string }
}

interface Finished {
  readonly verified: boolean
  readonly decision?: string
  readonly reasons?: readonly string[]
}

interface Simulated {
  readonly source: CameraSource
  prompt(step: IpseStep): void
}
type IpseStep = HTMLElementEventMap['ipse-step']['step']

export function runCheck(root: HTMLElement): void {
  const kind = root.dataset.check as 'sign-up' | 'sign-in'
  const part = (name: string) => root.querySelector<HTMLElement>(`[data-part=${name}]`)
  const form = root.querySelector('form')!
  const problem = form.querySelector<HTMLElement>('.problem')

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const button = form.querySelector('button')!
    button.disabled = true
    tell(problem, undefined)
    try {
      const fields = Object.fromEntries(new FormData(form)) as Record<string, string>
      const started = await post<Started>(`/api/${kind}`, fields)
      const [simulated] = await Promise.all([
        fields.camera && fields.camera !== 'own' ? simulatedCamera(fields.camera) : undefined,
        loadElement(started.element),
      ])
      capture(started, simulated)
    } catch (error) {
      tell(problem, error)
    } finally {
      button.disabled = false
    }
  })

  function capture(started: Started, simulated: Simulated | undefined): void {
    const element = document.createElement('ipse-check') as IpseCheck
    if (simulated) {
      element.camera = simulated.source
      element.addEventListener('ipse-step', ({ step }) => simulated.prompt(step))
      element.addEventListener('ipse-cue', ({ step }) => simulated.prompt(step))
    }
    element.sessionToken = started.captureToken
    element.captureUrl = started.captureUrl
    element.addEventListener('ipse-outcome', ({ outcome }) => {
      if (outcome !== 'retry') finish(started.sessionId)
    })
    element.addEventListener('ipse-error', ({ retry }) => {
      if (retry === 'new-session') back('This check has ended. Please start again.')
    })
    element.addEventListener('ipse-cancel', () => back())
    part('capture')!.replaceChildren(element)
    show(part('form'), false)
    show(part('capture'), true)
    element.updateComplete.then(() => element.focus())
  }

  function back(message?: string): void {
    part('capture')!.replaceChildren()
    show(part('capture'), false)
    show(part('form'), true)
    tell(problem, message === undefined ? undefined : new Error(message))
    form.querySelector('button')!.focus()
  }

  /** The element's word opens nothing: the backend reads the receipt and decides. */
  async function finish(sessionId: string): Promise<void> {
    try {
      const { verified, decision, reasons } = await post<Finished>('/api/finish', { sessionId })
      if (verified) return location.assign('/account')
      show(part('capture'), false)
      explain(decision, reasons)
      show(part('refused'), true)
      part('refused')!.querySelector('h1')!.focus()
    } catch (error) {
      back(error instanceof Error ? error.message : 'Something went wrong.')
    }
  }

  function explain(decision: string | undefined, reasons: readonly string[] = []): void {
    if (!decision) return
    const line = document.createElement('p')
    line.className = 'why'
    const code = (text: string) => {
      const element = document.createElement('code')
      element.textContent = text
      return element
    }
    line.append('Shown in development only. The receipt says ', code(decision))
    for (const [index, reason] of reasons.entries()) line.append(index === 0 ? ': ' : ', ', code(reason))
    part('why')!.replaceChildren(line)
  }
}

async function simulatedCamera(person: string): Promise<Simulated> {
  const { createSimulatedCamera } = await import('./simulated-camera.ts')
  return createSimulatedCamera(person)
}
