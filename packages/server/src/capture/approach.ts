/** Keeps the shapes of a face from two distances for as long as the capture runs, and compares them at its end. */
import type { ClipFrame } from '@ipse/engine'
import type { ChallengeStep } from '@ipse/protocol'
import type { ApproachObservation } from '../domain/capture-record.ts'
import { approachOf, type Shape } from '../domain/perspective.ts'

/** Of each distance so many shapes are kept, the latest: 5.6 kB each. */
const KEPT = 20
/** Share of the largest size from which a face counts as having come near. */
const NEAR = 0.95

interface Seen {
  readonly shape: Shape
  readonly widthPx: number
  readonly eyeDistancePx: number
}

export interface Approach {
  /** @param kind of the step that is open */
  see(kind: ChallengeStep['kind'] | undefined, frame: ClipFrame): void
  found(): ApproachObservation | undefined
}

export function createApproach(): Approach {
  const far: Seen[] = []
  const near: Seen[] = []
  return {
    see(kind, { mesh, width }) {
      if (!mesh || (kind !== 'hold' && kind !== 'distance')) return
      const seen = kind === 'hold' ? far : near
      seen.push({ shape: mesh.landmarks, widthPx: width, eyeDistancePx: mesh.outerEyeDistancePx })
      if (seen.length > KEPT) seen.shift()
    },
    found() {
      const widthPx = near.at(-1)?.widthPx
      if (widthPx === undefined || far.some((seen) => seen.widthPx !== widthPx)) return undefined
      const largest = Math.max(...near.map(({ eyeDistancePx }) => eyeDistancePx))
      const arrived = near.filter((seen) => seen.widthPx === widthPx && seen.eyeDistancePx >= NEAR * largest)
      const shapes = (of: readonly Seen[]) => of.map(({ shape }) => shape)
      return approachOf(shapes(far), shapes(arrived), widthPx)
    },
  }
}
