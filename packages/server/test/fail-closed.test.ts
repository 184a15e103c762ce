/**
 * Fail-closed switches: what a decision needs is taken away or fails, from one moment of a capture on. Whatever it is and
 * whenever it goes, nothing is accepted: no outcome, no state, no receipt says so.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { createKeyring, type Keys, openKeys, type Random, type Store } from '../src/index.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { createPerson, createTestClock, type Fixture, startFixture, systemRandom } from './fixture.ts'

/** Moments at which a switch is thrown: when the step of that number is shown, or just before the signed end. */
const MOMENTS = [0, 1, 'end'] as const
type Moment = (typeof MOMENTS)[number]

/** The service, and how to take something away from it. */
interface Rig {
  readonly fixture: Fixture
  fail(): void
}

const broken = (what: string): never => {
  throw new IpseError('internal', `${what} is gone`)
}

/** The same object, until it is switched off: then every method of it throws. */
function switched<T extends object>(whole: T, what: string): { readonly it: T; off(): void } {
  let off = false
  const it = new Proxy(whole, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (off && typeof member === 'function') return () => broken(what)
      return member
    },
  })
  return {
    it,
    off: () => {
      off = true
    },
  }
}

async function rigWithKeys(change: (keys: Keys) => { readonly it: Keys; off(): void }): Promise<Rig> {
  const { it, off } = change(await openKeys(await createKeyring(systemRandom.bytes, 0)))
  return { fixture: await startFixture({ more: { keys: it } }), fail: off }
}

async function rigWithClock(change: (now: number) => number): Promise<Rig> {
  const inner = createTestClock()
  let failing = false
  const clock = {
    now: () => (failing ? change(inner.now()) : inner.now()),
    monotonicMs: () => inner.monotonicMs(),
  }
  const fixture = await startFixture({ clock })
  return {
    fixture: { ...fixture, clock: inner, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() },
    fail: () => {
      failing = true
    },
  }
}

async function rigWithEngine(change: (engine: Fixture['engine']) => void): Promise<Rig> {
  const fixture = await startFixture()
  return { fixture, fail: () => change(fixture.engine) }
}

const HOUR_MS = 3_600_000

/** Once the last frame is measured, the engine has done its part. */
const ENGINE_SWITCHES: Readonly<Record<string, () => Promise<Rig>>> = {
  'the model is gone': () =>
    rigWithEngine((engine) => {
      engine.before = () => {
        throw new IpseError('model_invalid', 'the file is gone')
      }
    }),
  'the engine dies': () =>
    rigWithEngine((engine) => {
      engine.before = () => {
        throw new Error('native crash')
      }
    }),
}

const SWITCHES: Readonly<Record<string, () => Promise<Rig>>> = {
  'the store is gone': async () => {
    let turnOff = () => {}
    const wrapStore = (store: Store) => {
      const { it, off } = switched(store, 'the store')
      turnOff = off
      return it
    }
    const fixture = await startFixture({ wrapStore })
    return { fixture, fail: () => turnOff() }
  },
  'the store answers nothing but no': async () => {
    let failing = false
    const wrapStore = (store: Store): Store => ({
      ...store,
      changeSession: (...given) => (failing ? Promise.resolve(undefined) : store.changeSession(...given)),
      useOnce: (...given) => (failing ? Promise.resolve(false) : store.useOnce(...given)),
    })
    const fixture = await startFixture({ wrapStore })
    return {
      fixture,
      fail: () => {
        failing = true
      },
    }
  },
  'the keyring is gone': () => rigWithKeys((keys) => switched(keys, 'the keyring')),
  'the signing key is gone': () =>
    rigWithKeys((keys) => {
      const { it, off } = switched({ sign: keys.signReceipt }, 'the signing key')
      return { it: { ...keys, signReceipt: (claims) => it.sign(claims) }, off }
    }),
  'the clock jumps forward': () => rigWithClock((now) => now + HOUR_MS),
  'the clock is no number': () => rigWithClock(() => Number.NaN),
  'entropy is gone': async () => {
    const { it, off } = switched<Random>(systemRandom, 'entropy')
    return { fixture: await startFixture({ more: { random: it } }), fail: off }
  },
}

async function captureWith({ fixture, fail }: Rig, moment: Moment | undefined) {
  const session = await fixture.createSession({ purpose: 'liveness' })
  const person = createPerson(fixture.clock)
  const { outcome } = await fixture.capture(
    session,
    {
      onStep(step, index) {
        if (index === moment) fail()
        person.onStep?.(step, index)
      },
      frame: () => person.frame(),
    },
    {
      facts: CAMERA_FACTS,
      patienceMs: () => 20_000,
      interfere: async () => {
        if (moment === 'end') fail()
      },
    },
  )
  const stored = await fixture.store.findSession('shop', session.id)
  return { outcome: outcome?.outcome, stored }
}

const ROWS = [
  ...Object.entries(ENGINE_SWITCHES).map(([name, rig]) => ({ name, rig, moments: MOMENTS.slice(0, 2) })),
  ...Object.entries(SWITCHES).map(([name, rig]) => ({ name, rig, moments: MOMENTS })),
]

for (const { name, rig, moments } of ROWS)
  test(`nothing is accepted when ${name}`, async (t) => {
    await t.test('but everything is in place: it is', async () => {
      const { fixture, fail } = await rig()
      await using _ = fixture
      assert.equal((await captureWith({ fixture, fail }, undefined)).outcome, 'pass')
    })
    for (const moment of moments)
      await t.test(moment === 'end' ? 'before the signed end' : `at step ${moment}`, async () => {
        const { fixture, fail } = await rig()
        await using _ = fixture
        const { outcome, stored } = await captureWith({ fixture, fail }, moment)
        assert.notEqual(outcome, 'pass')
        assert.notEqual(stored?.state, 'passed')
        assert.notEqual(stored?.decision, 'accept')
        assert.equal(stored?.receipt, undefined)
      })
  })
