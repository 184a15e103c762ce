/** What everything about people works with. */
import type { Clock, Random } from '../deps.ts'
import type { Keys } from '../keys/keys.ts'
import type { PeopleStore } from '../store/people-records.ts'
import type { Store } from '../store/store.ts'
import type { Auditor } from '../work/audit.ts'
import type { Site } from './site.ts'

export interface PeopleContext {
  readonly store: PeopleStore & Pick<Store, 'useOnce' | 'appendAudit'>
  readonly keys: Pick<Keys, 'mac'>
  readonly clock: Clock
  readonly random: Random
  readonly auditor: Auditor
  readonly site: Site
}
