/** A simulated person who does what is asked, in circumstances that no calibration has seen. */
import {
  type ActorOptions,
  createActor,
  createActorFeed,
  createRandom,
  type Feed,
  type Subject,
} from '@ipse/lab'

/** Circumstances are drawn anew for every session, within what webcams and people are like. */
export function bonaFideFeed(subject: Subject, seed: number): Feed {
  const random = createRandom(seed)
  const between = (low: number, high: number) => low + (high - low) * random()
  const slow = between(0, 250)
  const acting: ActorOptions = {
    seed,
    reactionMs: [250 + slow, 450 + slow],
    overshootDeg: [2.5, between(4, 8)],
    idle: between(0.7, 1.4),
    handHeld: between(0.1, 0.9),
    fixation: between(0.3, 0.9),
    lightDrift: between(0.02, 0.09),
  }
  return createActorFeed({
    subject,
    actor: createActor(acting),
    seed,
    noise: between(0.7, 1.8),
    screen: { lit: 'head', share: between(0.15, 0.4), delayMs: between(40, 140) },
  })
}
