/**
 * Relying parties and people who use nodes as fast as they are let, and write down what they were answered. A connection that
 * breaks leaves a question open: `settle` asks it again, as every client with an Idempotency-Key may.
 */
import { randomUUID } from 'node:crypto'
import { type CreateSession, createDeviceKey } from '@ipse/protocol'
import { CONSENT, PUBLIC_URL } from '../fixture.ts'
import { scriptedImage } from '../scripted-engine.ts'
import { compact, signWith } from '../tokens.ts'
import { createCaptures } from './captures.ts'
import {
  expect,
  FINAL,
  type KnownSession,
  type KnownSubject,
  type KnownValue,
  type Ledger,
  noteSession,
} from './ledger.ts'
import type { Installation, Node, SharedClock } from './nodes.ts'
import { type Counts, createRequests, type LoadEvent } from './requests.ts'

export interface Load {
  readonly counts: Counts
  /** One thing that a client does. */
  step(): Promise<void>
  /** Asks what is open until it is answered. */
  settle(): Promise<void>
  checkSession(session: KnownSession): Promise<void>
  checkSubject(subject: KnownSubject): Promise<void>
  checkValue(value: KnownValue): Promise<void>
}

export interface LoadOptions {
  readonly installation: Installation
  readonly clock: SharedClock
  /** Chooses a node for the next request. */
  readonly node: () => Node
  readonly ledger: Ledger
  /** 0 ≤ x < 1 */
  readonly random: () => number
  readonly onEvent?: (event: LoadEvent) => void
  /** Hears how long every answer took, milliseconds. */
  readonly heard?: (name: string, ms: number) => void
}

/** Of a session that a capture is begun in, or its request repeated, milliseconds: neither ends meanwhile. */
const TIME_LEFT_MS = 120_000

export function createLoad(options: LoadOptions): Load {
  const { installation, clock, ledger, random, node, onEvent = () => {} } = options
  const { sessions, subjects, values } = ledger
  const requests = createRequests(installation, node, onEvent, options.heard ?? (() => {}))
  const { ask } = requests
  const captures = createCaptures(requests, clock, node, random, onEvent)

  const pick = <T extends { busy: boolean }>(all: readonly T[], fits: (one: T) => boolean): T | undefined => {
    // Mostly among the latest: what is old has been asked often.
    for (let tried = 0; tried < 20 && all.length > 0; tried++) {
      const one = all[all.length - 1 - Math.floor(random() ** 3 * all.length)]
      if (one && !one.busy && fits(one)) return one
    }
    return undefined
  }
  async function within<T extends KnownSession | KnownSubject>(one: T, work: (one: T) => Promise<void>) {
    one.busy = true
    ledger.touched.add(one)
    try {
      await work(one)
    } finally {
      one.busy = false
    }
  }

  async function makeSession(session: KnownSession): Promise<void> {
    const key = { 'idempotency-key': session.key }
    const answer = await ask([201], 'POST', '/v1/sessions', session.wish, key)
    if (answer === undefined) return
    const { created = answer.body } = session
    expect(ledger, created.id === answer.body.id, `the key of ${created.id} gives ${answer.body.id}`)
    session.created = answer.body
  }
  async function newSession(wish: CreateSession, subject?: KnownSubject): Promise<void> {
    const named = subject === undefined ? { wish } : { subject, wish: { ...wish, subject: subject.name } }
    const session: KnownSession = {
      key: randomUUID(),
      ...named,
      pair: await createDeviceKey(),
      cut: 0,
      busy: false,
    }
    sessions.push(session)
    await within(session, makeSession)
  }
  async function checkSession(session: KnownSession): Promise<void> {
    const { created, subject } = session
    if (created === undefined) return
    const answer = await ask([200, 404], 'GET', `/v1/sessions/${created.id}`)
    if (answer === undefined) return
    const gone = answer.status === 404
    if (gone) expect(ledger, subject?.erasing === true, `session ${created.id} is gone`)
    else if (subject?.erased) expect(ledger, false, `session ${created.id} was erased and is there`)
    else noteSession(ledger, session, answer.body)
  }
  async function capture(session: KnownSession): Promise<void> {
    await captures.capture(session)
    await checkSession(session)
  }
  async function cancel(session: KnownSession): Promise<void> {
    const answer = await ask([200, 409], 'POST', `/v1/sessions/${session.created?.id}/cancel`)
    if (answer?.status === 200) session.cancelled = true
    await checkSession(session)
  }

  const photographOf = ({ person }: KnownSubject, noise: number) =>
    Buffer.from(scriptedImage({ person, noise })).toString('base64')
  async function enrol(subject: KnownSubject): Promise<void> {
    const wish = { image: photographOf(subject, 1), consent: CONSENT }
    const key = { 'idempotency-key': subject.key }
    const answer = await ask([201], 'POST', `/v1/subjects/${subject.name}/references`, wish, key)
    if (answer !== undefined) subject.enrolled = true
  }
  async function newSubject(): Promise<void> {
    const number = subjects.length + 1
    const subject: KnownSubject = {
      name: `person-${number}`,
      person: number % 7,
      key: randomUUID(),
      captures: 0,
      maybe: 0,
      erasing: false,
      busy: false,
    }
    subjects.push(subject)
    await within(subject, enrol)
  }
  async function compare(subject: KnownSubject): Promise<void> {
    const wish = { probe: { image: photographOf(subject, 2) }, reference: { subject: subject.name } }
    const answer = await ask([200], 'POST', '/v1/comparisons', wish)
    if (answer !== undefined)
      expect(ledger, answer.body.decision === 'match', `${subject.name} is not who was enrolled`)
  }
  async function erase(subject: KnownSubject): Promise<void> {
    subject.erasing = true
    const answer = await ask([200], 'DELETE', `/v1/subjects/${subject.name}`)
    if (answer !== undefined) subject.erased = answer.body.receipt
  }
  async function checkSubject(subject: KnownSubject): Promise<void> {
    const { name, enrolled, captures, maybe, erasing, erased } = subject
    if (erasing && erased === undefined) return
    const answer = await ask([200, 404], 'GET', `/v1/subjects/${name}`)
    if (answer === undefined) return
    const held = answer.status === 404 ? 0 : answer.body.references.length
    if (erased !== undefined) {
      expect(ledger, held === 0, `${name} was erased and is there`)
      return
    }
    const least = (enrolled ? 1 : 0) + captures
    const most = least + maybe + (enrolled ? 0 : 1)
    const right = held >= least && held <= most
    expect(ledger, right, `${name} has ${held} references, and should have from ${least} to ${most}`)
    // Whatever is listed opens.
    if (held > 0) await compare(subject)
  }

  async function checkValue(value: KnownValue): Promise<void> {
    const fields = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: value.assertion,
    }
    const answer = await ask([200, 401], 'POST', '/oauth/token', new URLSearchParams(fields))
    if (answer === undefined) return
    expect(ledger, !(value.taken && answer.status === 200), 'a value was taken twice')
    value.taken = true
  }
  async function newValue(): Promise<void> {
    const { id, signer } = installation.client
    const exp = Math.floor(clock.now() / 1000) + 60
    const claims = { iss: id, sub: id, aud: PUBLIC_URL, exp, jti: randomUUID() }
    const value = { assertion: compact({ alg: signer.alg, kid: signer.kid }, claims, signWith(signer)) }
    values.push(value)
    await checkValue(value)
  }

  async function onSubject(work: (subject: KnownSubject) => Promise<void>): Promise<void> {
    const subject = pick(subjects, ({ enrolled, erasing }) => enrolled === true && !erasing)
    if (subject) await within(subject, work)
  }
  /** Nobody erases a subject in whose session somebody works. */
  async function onSession(work: (session: KnownSession) => Promise<void>): Promise<void> {
    const session = pick(
      sessions,
      ({ created, seen, cancelled, stuck, subject }) =>
        created !== undefined &&
        Date.parse(created.expiresAt) > clock.now() + TIME_LEFT_MS &&
        !(cancelled || stuck) &&
        !(seen && FINAL.has(seen.state)) &&
        !(subject?.busy || subject?.erasing),
    )
    if (!session) return
    const { subject } = session
    await within(session, (one) => (subject ? within(subject, () => work(one)) : work(one)))
  }
  async function onAnySession(work: (session: KnownSession) => Promise<void>): Promise<void> {
    const session = pick(sessions, ({ subject }) => !subject?.busy)
    if (session) await within(session, work)
  }

  /** What clients do, and how often. */
  const deeds: readonly (readonly [number, () => Promise<void>])[] = [
    [3, () => newSession({ purpose: 'liveness' })],
    [2, newSubject],
    [2, () => onSubject((subject) => newSession({ purpose: 'verification' }, subject))],
    [1, () => onSubject((subject) => newSession({ purpose: 'enrolment', consent: CONSENT }, subject))],
    [5, () => (captures.free() ? onSession(capture) : onAnySession(checkSession))],
    [1, () => onSession(cancel)],
    [1, () => onSession(makeSession)],
    [2, () => onSubject(compare)],
    [1, () => onSubject(erase)],
    [1, newValue],
    [4, () => onAnySession(checkSession)],
  ]
  const total = deeds.reduce((sum, [weight]) => sum + weight, 0)

  return {
    counts: requests.counts,
    checkSession,
    checkSubject,
    checkValue,
    async step() {
      let at = random() * total
      const [, deed] =
        deeds.find(([weight]) => {
          at -= weight
          return at < 0
        }) ?? deeds[0]!
      await deed()
    },
    async settle() {
      for (const session of sessions)
        if (session.created === undefined && !session.subject?.erasing) await makeSession(session)
      for (const subject of subjects) {
        if (!subject.enrolled && !subject.erasing) await enrol(subject)
        if (subject.erasing && subject.erased === undefined) await erase(subject)
      }
    },
  }
}
