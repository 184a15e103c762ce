/** What a camera sees of a display that shows another feed. */
import { type Feed, frameGrain } from '../feed.ts'
import { createWander } from '../motion.ts'
import { addSensorNoise } from '../noise.ts'
import { createRandom, deriveSeed } from '../random.ts'
import { filmScreen, type ScreenLook } from '../screen.ts'

export function filmedScreen(
  shown: Feed,
  { look, handPx, seed }: { readonly look: ScreenLook; readonly handPx: number; readonly seed: number },
): Feed {
  const [x, y] = [101, 102].map((part) =>
    createWander(createRandom(deriveSeed(seed, part)), handPx, [
      [0.3, 0.6, 1],
      [0.8, 1.6, 0.6],
    ]),
  )
  return {
    ...shown,
    render(tMs, out) {
      shown.render(tMs, out)
      filmScreen(out, look, tMs, { x: x(tMs), y: y(tMs) })
      addSensorNoise(out, frameGrain(seed + 1, tMs))
    },
  }
}
