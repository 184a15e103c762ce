/** Attack 8: one photograph warped in three dimensions, following every prompt. The laboratory's own renderer is it. */
import { type ActorOptions, createActor } from '../actor.ts'
import { reshapeDepth } from '../depth.ts'
import { type ActorFeedOptions, createActorFeed } from '../feed.ts'
import { asPuppet } from '../shape.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['careful', 'plain', 'pasted', 'other-depth', 'elusive'] as const

type Look = Omit<ActorOptions, 'seed'> &
  Pick<ActorFeedOptions, 'noise' | 'exposureMs'> & { readonly otherDepth?: boolean }

/** From the plainest puppet to one that answers every sign that is known. */
const LOOKS: Readonly<Record<(typeof VARIANTS)[number], Look>> = {
  careful: { fixation: 0.6, exposureMs: 25 },
  plain: { fixation: 0, askedFixation: 0, blinks: false },
  pasted: { fixation: 0.6, handHeld: 0, lightDrift: 0 },
  'other-depth': { fixation: 0, askedFixation: 0, otherDepth: true },
  elusive: { fixation: 0.9, otherDepth: true, noise: 2.5, exposureMs: 25, lightDrift: 0.1 },
}

export const reposedPhotograph: Instrument = {
  number: 8,
  name: 'reposed-photograph',
  method: 'injection',
  instrument: 'A face mesh textured with one portrait, moved by software',
  recipe:
    'Fit a face mesh to one portrait and turn it as the prompts ask: with blinks, gaze and motion blur (careful), without them (plain), over a background that stands still (pasted), over another depth (other-depth), or with other depth, eyes that stay on the camera, strong noise and changing light (elusive).',
  variants: VARIANTS,
  expectation:
    'Expected to pass turns, planarity and comparison. Only capture integrity, a PAD network or a challenge by light can address it: a known gap.',
  expected: 'residual',
  createFeed({ victim }, options) {
    const look = LOOKS[chooseVariant(VARIANTS, options) as keyof typeof LOOKS]
    const seed = options?.seed ?? 1
    const { otherDepth = false, noise = 1, exposureMs = 0, ...acting } = look
    const puppet = asPuppet(victim)
    const subject = otherDepth ? reshapeDepth(puppet, seed) : puppet
    return createActorFeed({ subject, actor: createActor({ ...acting, seed }), seed, noise, exposureMs })
  },
}
