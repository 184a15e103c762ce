/** Carries out jobs that need no browser: honest captures, instruments over the protocol, resubmission, tampering. */
import { findInstrument, type Subject } from '@ipse/lab'
import { filmFeed } from '@ipse/lab/node'
import { createDeviceKey } from '@ipse/protocol'
import { bonaFideFeed } from './bona-fide.ts'
import { tamper } from './methods/mitm-edit.ts'
import { createResubmitter } from './methods/resubmission.ts'
import { createCast, type Person } from './people.ts'
import { BONA_FIDE, ENROLMENT, type Job, type Presentation } from './presentation.ts'
import { createTarget, type Target, type TargetOptions } from './target.ts'

export interface PerformerOptions extends TargetOptions {
  readonly people: readonly Person[]
}

export type Perform = (job: Job) => Promise<Presentation>

export function createPerformer(options: PerformerOptions): Perform {
  const { people, ...rest } = options
  const target = createTarget(rest)
  const cast = createCast(people)
  const resubmit = createResubmitter(target, (person, seed) => filmFeed(bonaFideFeed(cast[person]!, seed)))
  return (job) => {
    if (job.method === 'resubmission') return resubmit(job)
    if (job.method === 'mitm-edit') return tamper(target, cast, job)
    return film(target, cast, job)
  }
}

/** An honest device before which somebody, or something, is held. */
async function film(target: Target, cast: readonly Subject[], job: Job): Promise<Presentation> {
  const began = performance.now()
  const session = await target.open(job)
  const device = await createDeviceKey()
  let frames = 0
  for (let attempt = 0; ; attempt++) {
    const camera = filmFeed(feedOf(cast, { ...job, seed: job.seed + attempt }))
    const ended = await target.capture(session, camera, { device })
    frames += ended.frames
    if (ended.again !== true) return target.judge(session, job, { ...ended, frames }, began)
  }
}

export function feedOf(
  cast: readonly Subject[],
  { method, instrument, variant, victim, attacker, seed }: Job,
) {
  const [shown, other] = [cast[victim]!, cast[attacker]!]
  if (method === BONA_FIDE || method === ENROLMENT) return bonaFideFeed(shown, seed)
  return findInstrument(instrument).createFeed({ victim: shown, attacker: other }, { variant, seed })
}
