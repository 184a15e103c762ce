import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Person, subjectOf } from '@ipse/cli/attack'
import { createActor, createActorFeed, createSubject } from '@ipse/lab'
import { type CaptureSocket, openSocket, PLAUSIBLE_FACTS, runCapture } from '@ipse/lab/capture-client'
import { filmFeed } from '@ipse/lab/node'
import { IpseError, type ServerMessage } from '@ipse/protocol'
import { underAttack } from '../under-attack.ts'

/** Between the device and the service: what the device sends, and what it hears. */
interface Change {
  readonly address?: (url: string) => string
  readonly greeting?: (hello: Record<string, unknown>) => Record<string, unknown>
  readonly heard?: (message: ServerMessage) => ServerMessage
}

function connection({ address, greeting, heard }: Change): (url: string, origin: string) => CaptureSocket {
  return (url, origin) => {
    const socket = openSocket(address?.(url) ?? url, origin)
    return {
      get readyState() {
        return socket.readyState
      },
      close: () => socket.close(),
      send(data) {
        const hello = typeof data === 'string' && data.includes('"hello"')
        socket.send(hello && greeting ? JSON.stringify(greeting(JSON.parse(data))) : data)
      },
      addEventListener(type: string, listener: unknown) {
        const told = listener as (event: { data?: string }) => void
        socket.addEventListener(type, (event) => {
          if (type !== 'message') return told({})
          const text = String((event as MessageEvent).data)
          told({ data: heard ? JSON.stringify(heard(JSON.parse(text))) : text })
        })
      },
    } as CaptureSocket
  }
}

const endAtOnce = (message: ServerMessage): ServerMessage =>
  message.type === 'guide' ? { type: 'finish' } : message

const CASES: readonly [string, Change & { readonly facts?: object }, string][] = [
  [
    'a policy in the greeting',
    { greeting: (hello) => ({ ...hello, policy: 'passive' }) },
    'session_token_invalid',
  ],
  [
    'an older protocol',
    { greeting: (hello) => ({ ...hello, protocol: 'ipse-capture/0' }) },
    'unsupported_version',
  ],
  ['an older SDK', { greeting: (hello) => ({ ...hello, sdk: 'ipse-web/0.0.1' }) }, 'unsupported_version'],
  [
    'a policy in the address and in the facts, and all steps called done',
    { address: (url) => `${url}?policy=passive`, facts: { policy: 'passive', steps: 1 }, heard: endAtOnce },
    'challenge_mismatch',
  ],
]

test('no message of the device makes its challenge easier', async (t) => {
  await underAttack(async (scene) => {
    const { service, people, target } = scene
    const [{ photo, landmarks, response }] = people as [Person]
    const subject = createSubject(photo, landmarks, { response })
    for (const [title, change, expected] of CASES)
      await t.test(title, async () => {
        const session = await service.client.createSession({
          purpose: 'verification',
          subject: subjectOf(target, 0),
          policy: 'standard',
        })
        const steps: number[] = []
        const ended = await runCapture({
          captureToken: session.captureToken,
          captureUrl: session.captureUrl,
          origin: new URL(target.url).origin,
          facts: { ...PLAUSIBLE_FACTS, ...change.facts },
          camera: filmFeed(createActorFeed({ subject, actor: createActor({ seed: 5 }), seed: 5 })),
          connect: connection(change),
          onStart: (start) => steps.push(start.steps),
        }).then(
          ({ outcome }) => outcome,
          (error: unknown) => (error instanceof IpseError ? error.code : String(error)),
        )
        assert.equal(ended, expected)
        // Hold, path, turn and way back, open mouth and another format: all of them, or none was shown.
        assert.ok(
          steps.every((count) => count >= 6),
          `${steps}`,
        )
        const { policy, decision } = await service.client.getSession(session.id)
        assert.deepEqual([policy.name, decision], ['standard', undefined])
      })
    await t.test('the private interface without a key', async () => {
      for (const [method, path] of [
        ['POST', '/v1/sessions'],
        ['PATCH', '/v1/sessions/any'],
        ['PUT', '/v1/policies/standard'],
      ] as const) {
        const { status } = await fetch(new URL(path, service.url), {
          method,
          headers: { 'content-type': 'application/json' },
          body: '{"purpose":"liveness","policy":"passive"}',
        })
        assert.ok(status === 401 || status === 404 || status === 405, `${method} ${path}: ${status}`)
      }
    })
  })
})
