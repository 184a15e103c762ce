/** Attack 11: a print with holes where the eyes are; the attacker's own eyes look and blink behind them. */
import { createActor } from '../actor.ts'
import { channelsOf, createFrame, type Frame } from '../frame.ts'
import { placeOnSheet, type Sheet } from '../sheet.ts'
import { renderSubject, type Subject, type SubjectState } from '../subject.ts'
import { EYES, eyeRing } from '../topology.ts'
import { chooseVariant, type Instrument } from './instrument.ts'
import { createPrintFeed } from './print-feed.ts'

const VARIANTS = ['swung', 'held'] as const

export const cutOutEyes: Instrument = {
  number: 11,
  name: 'cut-out-eyes',
  method: 'presentation',
  instrument: "A printed portrait with the eyes cut out and the attacker's eyes behind it",
  recipe:
    'Print the portrait, cut out both eyes, hold it before the own face so that the own eyes blink in the holes, and turn it the way the prompts ask (swung) or keep it still (held).',
  variants: VARIANTS,
  expectation: 'Blinks, but the paper does not turn as a head does: the challenge is not answered.',
  expected: 'stopped',
  createFeed({ victim, attacker }, options) {
    const variant = chooseVariant(VARIANTS, options)
    if (attacker === undefined) throw new TypeError('Cut-out eyes need an attacker as well as a victim.')
    const seed = options?.seed ?? 1
    const behind = createActor({ seed: seed + 1, handHeld: 0 })
    const face = createFrame(attacker.width, attacker.height)
    const still = { ...behind.stateAt(0), shift: { x: 0, y: 0 } }
    let shown = ''
    return createPrintFeed(victim, {
      seed,
      bendRad: 0,
      swung: variant === 'swung',
      over(sheet, state, out, tMs) {
        const { blink, gaze } = behind.stateAt(tMs)
        // Between blinks nothing moves behind the holes.
        const eyes = `${blink} ${gaze.x} ${gaze.y}`
        if (eyes !== shown) renderSubject(attacker, { ...still, blink, gaze }, face)
        shown = eyes
        for (const eye of EYES) fillHole(sheet, state, eyeRing(eye), victim, attacker, face, out)
      },
    })
  },
}

/** Shows what is behind one hole: the attacker's eye, moved to where the hole is seen. */
function fillHole(
  sheet: Sheet,
  state: SubjectState,
  ring: readonly number[],
  victim: Subject,
  attacker: Subject,
  face: Frame,
  out: Frame,
): void {
  const place = placeOnSheet(sheet, state, 0)
  const hole = new Float32Array(3 * ring.length)
  for (const [i, vertex] of ring.entries())
    place(
      victim.level.landmarks[3 * vertex] - sheet.centre[0],
      victim.level.landmarks[3 * vertex + 1] - sheet.centre[1],
      hole,
      3 * i,
    )
  const eye = ring.flatMap((vertex) => [...attacker.level.landmarks.subarray(3 * vertex, 3 * vertex + 3)])
  const [dx, dy] = [0, 1].map((k) => Math.round(mean(eye, k) - mean(hole, k)))
  copyPolygon(hole, dx, dy, face, out)
}

function mean(points: ArrayLike<number>, k: number): number {
  let sum = 0
  for (let i = k; i < points.length; i += 3) sum += points[i]
  return sum / (points.length / 3)
}

/** Copies the pixels inside a convex polygon (any order of points round its centre) from a moved place. */
function copyPolygon(points: Float32Array, dx: number, dy: number, from: Frame, to: Frame): void {
  const [cx, cy] = [mean(points, 0), mean(points, 1)]
  const corners = Array.from({ length: points.length / 3 }, (_, i) => [
    points[3 * i],
    points[3 * i + 1],
  ]).sort((a, b) => Math.atan2(a[1] - cy, a[0] - cx) - Math.atan2(b[1] - cy, b[0] - cx))
  const step = channelsOf(to)
  const top = Math.max(0, Math.ceil(Math.min(...corners.map(([, y]) => y))))
  const bottom = Math.min(to.height - 1, Math.floor(Math.max(...corners.map(([, y]) => y))))
  for (let y = top; y <= bottom; y++) {
    const crossings = corners.flatMap(([ax, ay], i) => {
      const [bx, by] = corners[(i + 1) % corners.length]
      return ay <= y !== by <= y ? [ax + ((bx - ax) * (y - ay)) / (by - ay)] : []
    })
    const start = Math.max(0, Math.ceil(Math.min(...crossings)))
    const end = Math.min(to.width - 1, Math.floor(Math.max(...crossings)))
    for (let x = start; x <= end; x++) {
      const [sx, sy] = [x + dx, y + dy]
      if (sx < 0 || sy < 0 || sx >= from.width || sy >= from.height) continue
      for (let c = 0; c < 3; c++)
        to.data[(y * to.width + x) * step + c] = from.data[(sy * from.width + sx) * 3 + c]
    }
  }
}
