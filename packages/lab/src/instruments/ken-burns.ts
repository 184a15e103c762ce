/** Attack 4: one photograph under a moving camera, as slide shows do it. */
import { frameGrain } from '../feed.ts'
import { develop } from '../photometry.ts'
import { clearDepth, createSurface, drawMesh } from '../raster.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['pan-and-zoom', 'rotating'] as const
/** Period of pan and zoom, milliseconds, and their size as shares of the frame. */
const PERIOD_MS = 5200
const PAN = 0.06
const ZOOM = 0.12
const ROTATION = 0.12

export const kenBurns: Instrument = {
  number: 4,
  name: 'ken-burns',
  method: 'injection',
  instrument: 'One portrait with a simulated camera move',
  recipe:
    'Pan and zoom slowly over the portrait (pan-and-zoom), or rock it in its plane as well (rotating), with fresh noise on every frame so that no two are alike.',
  variants: VARIANTS,
  expectation: 'The head never turns, so the challenge is not answered.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const variant = chooseVariant(VARIANTS, options)
    const seed = options?.seed ?? 1
    const { width, height, texture, level } = victim
    const surface = createSurface(width, height)
    const points = Float32Array.of(0, 0, 1, width, 0, 1, 0, height, 1, width, height, 1)
    const uv = new Float32Array(8)
    const triangles = Uint16Array.of(0, 1, 2, 1, 3, 2)
    return {
      width,
      height,
      prompt: () => {},
      render(tMs, out) {
        const phase = (2 * Math.PI * tMs) / PERIOD_MS
        const zoom = 1 - (ZOOM * (1 - Math.cos(phase))) / 2
        const angle = variant === 'rotating' ? ROTATION * Math.sin(phase) : 0
        const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)]
        const x0 = level.offsetX + width * (0.5 + PAN * Math.sin(phase))
        const y0 = level.offsetY + height * (0.5 + 0.5 * PAN * Math.sin(2 * phase))
        for (let i = 0; i < 4; i++) {
          const dx = points[3 * i] - width / 2
          const dy = points[3 * i + 1] - height / 2
          uv[2 * i] = x0 + dx * cos - dy * sin
          uv[2 * i + 1] = y0 + dx * sin + dy * cos
        }
        clearDepth(surface)
        drawMesh(surface, { points, uv, triangles }, texture)
        develop(surface, 1, out, frameGrain(seed, tMs))
      },
    }
  },
}
