/**
 * Keys of the day: they sign the sealing keys of captures, so that the service's own key signs once a day. Each process makes
 * its own, keeps it in memory only and forgets it when its day is over; nothing on disk or in the store can bring it back.
 */
import {
  type DayKey,
  dayKeyStatement,
  type SealingOffer,
  type SealingScope,
  sealingKeyStatement,
  toBase64url,
} from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import { createP256, type OwnKey, signP256 } from '../node-crypto.ts'
import type { Keys } from './keys.ts'

/** A key signs for a day, seconds. */
const DAY_S = 86_400
/** What it signed last is looked at by a device within a capture's life of ten minutes, seconds. */
const GRACE_S = 3600

interface Day extends OwnKey {
  /** Seconds since the epoch. */
  readonly from: number
  /** One for each key by which the service is known. */
  readonly known: Map<string, Promise<DayKey>>
}

export interface DayKeys {
  /**
   * Signs the sealing key of a capture.
   * @param identity thumbprint of the service's key, as the capture token names it
   * @throws IpseError `session_token_invalid` when the keyring has no such key any more
   */
  offer(scope: SealingScope, publicKey: Uint8Array, identity: string): Promise<SealingOffer>
  /** Forgets a key whose day is over. Called at intervals: without captures nobody would ask for the next one. */
  retire(): void
}

export function createDayKeys(keys: Pick<Keys, 'vouch'>, clock: Pick<Clock, 'now'>): DayKeys {
  let today: Day | undefined

  function retire(): void {
    if (today === undefined) return
    const age = clock.now() / 1000 - today.from
    if (!(age >= 0 && age < DAY_S)) today = undefined
  }
  function current(): Day {
    retire()
    today ??= { ...createP256(), from: Math.floor(clock.now() / 1000), known: new Map() }
    return today
  }

  return {
    retire,
    async offer(scope, publicKey, identity) {
      const day = current()
      const span = { key: day.key, from: day.from, until: day.from + DAY_S + GRACE_S }
      const known =
        day.known.get(identity) ??
        keys.vouch(identity, dayKeyStatement(span)).then((vouched) => ({ ...span, ...vouched }))
      day.known.set(identity, known)
      // What failed is tried again with the next capture.
      known.catch(() => day.known.delete(identity))
      const offered = toBase64url(publicKey)
      return {
        kid: scope.kid,
        publicKey: offered,
        day: await known,
        signature: toBase64url(signP256(day.privateKey, sealingKeyStatement(scope, offered))),
      }
    },
  }
}
