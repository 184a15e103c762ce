/** What every store must do, part by part. A store passes `contract('name', open)` or is no store. */
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { audit } from './audit.ts'
import { callers } from './callers.ts'
import { conduct } from './conduct.ts'
import { devices } from './devices.ts'
import { log } from './log.ts'
import { once } from './once.ts'
import { people } from './people.ts'
import { privacy } from './privacy.ts'
import { rollout } from './rollout.ts'
import { sessions } from './sessions.ts'
import { subjects } from './subjects.ts'
import { tenants } from './tenants.ts'
import { vault } from './vault.ts'

export type Check = (title: string, work: (store: Store) => Promise<void>) => void

/** @param open opens an empty store */
export function contract(name: string, open: () => Promise<Store>): void {
  const check: Check = (title, work) =>
    void test(`${name}: ${title}`, async () => {
      const store = await open()
      try {
        await work(store)
      } finally {
        await store.close()
      }
    })
  for (const part of [
    callers,
    devices,
    sessions,
    subjects,
    tenants,
    once,
    conduct,
    audit,
    log,
    people,
    rollout,
    privacy,
    vault,
  ])
    part(check)
}
