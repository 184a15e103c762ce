/** The methods that need real Chromium, where there is one. */
import type { Person } from '../people.ts'
import type { Cell } from '../plan.ts'
import type { Job, Presentation } from '../presentation.ts'
import type { LeftOut } from '../results.ts'
import type { TargetOptions } from '../target.ts'
import { findChromium } from './chromium.ts'
import { createStage } from './stage.ts'

export interface BrowserMethods extends AsyncDisposable {
  /** Methods that were planned and cannot be carried out here, and why. */
  readonly leftOut: readonly LeftOut[]
  perform(job: Job): Promise<Presentation>
}

/** Opens what the planned methods need; nothing when none of them needs a browser. */
export async function openBrowserMethods(
  cells: readonly Cell[],
  target: TargetOptions,
  people: readonly Person[],
): Promise<BrowserMethods> {
  const planned = [
    ...new Set(cells.filter(({ method }) => method.needs === 'browser').map(({ method }) => method.name)),
  ]
  const without = (why: string): BrowserMethods => ({
    leftOut: planned.map((method) => ({ method, why })),
    perform: () => Promise.reject(new TypeError('no browser')),
    [Symbol.asyncDispose]: async () => {},
  })
  if (planned.length === 0) return without('')
  const found = await findChromium()
  if ('missing' in found) return without(found.missing)
  const stage = await createStage(found.chromium, target, people)
  if ('missing' in stage) return without(stage.missing)
  return { leftOut: [], ...stage }
}
