/**
 * Which frames are looked at, and how closely. What costs much is drawn frame by frame, so that nobody knows which ones count;
 * as soon as two faces were seen, everything is looked at. How much is missed so: docs/evaluation.md, “A session”.
 */
import type { ClipFrame, ClipOptions, Template } from '@ipse/engine'
import type { ChallengeStep, Purpose, ResolvedPolicy } from '@ipse/protocol'
import type { Judgement, StepState } from '../domain/step-judge.ts'

/**
 * Templates of frontal frames that are merged into the probe. Later frames of the same capture are told from another person's
 * by three as well as by five; a reference is compared with five (docs/evaluation.md, “Within one capture”).
 */
const PROBE_TEMPLATES: Readonly<Record<Purpose, number>> = { liveness: 3, verification: 5, enrolment: 5 }

/**
 * Frames of a path from its begin, or from one that was compared with the probe, to the next that may be; then the first that
 * is drawn for a search is compared, or the one after so many more. Three a path (docs/evaluation.md).
 */
const SAMPLE_AFTER = 8
const SAMPLE_WITHIN = 12

/**
 * Beside the frames that are compared, so many out of 256 are searched for all faces: a sixth, of the hold half of those that
 * follow a searched one. In the others the face is followed from the frame before.
 */
const SEARCHED = { hold: 128, elsewhere: 43 }

/**
 * Steps whose answers are compared with the probe, by the frame that completes them: whoever can show somebody else's answer
 * there can show it in the frame before as well. An open mouth costs no more than a turn (docs/evaluation.md).
 */
const COMPARED: ReadonlySet<ChallengeStep['kind']> = new Set([
  'head-pose',
  'gaze-hold',
  'center',
  'expression',
])

export interface Attention {
  /** @param frame number of the first frame that may belong to it */
  beginStep(frame: number): void
  /** The next frame of the step need not be measured. */
  letsGo(): boolean
  /**
   * How to measure the next frame.
   * @param probe the person of the hold, with whom frames of later steps are compared
   */
  optionsFor(state: StepState, frame: number, probe: Template | undefined): ClipOptions
  /** How to measure a frame of the step before, which is judged no more. */
  optionsForLate(): ClipOptions
  /** Notices several faces: of every frame that was measured. */
  count(measured: ClipFrame): void
  /** What the frame showed. True when its template, or its comparison with the probe, is to be kept. */
  saw(state: StepState, measured: ClipFrame, judgement: Judgement): boolean
}

/** @param bytes random */
export function createAttention(
  bytes: (length: number) => Uint8Array,
  policy: ResolvedPolicy,
  purpose: Purpose,
): Attention {
  /** A PAD network of the operator's judges every frame of the hold; the shipped ones only some. */
  const padJudges = policy.rules.some(({ signal, model }) => signal === 'texture' && model !== undefined)
  const drawn = (times: number) => (bytes(1)[0] ?? 0) < times
  let crowded = false
  let lettingGo = false
  /** The last frame began to show the answer, so the next one may complete it. */
  let answering = false
  /** The last frame was searched, and its face was in place. */
  let inPlace = false
  /** Templates of the hold so far. */
  let templates = 0
  /** Number of the next frame of a path that may be compared. */
  let sampleFrom = 0

  const count = ({ faces }: ClipFrame): void => {
    crowded ||= faces !== undefined && faces.length > 1
  }

  return {
    count,
    beginStep(frame) {
      lettingGo = false
      answering = false
      inPlace = false
      sampleFrom = frame + SAMPLE_AFTER
    },
    letsGo() {
      const goes = lettingGo
      lettingGo = false
      return goes
    },
    optionsFor({ step, held }, frame, probe) {
      const hold = step.kind === 'hold'
      const placed = hold && held.length % 2 === 1
      const template = placed && templates < PROBE_TEMPLATES[purpose]
      const searched = drawn(hold ? SEARCHED.hold : SEARCHED.elsewhere)
      const waited = frame - sampleFrom
      const sampled = step.kind === 'follow' && waited >= (searched ? 0 : SAMPLE_WITHIN)
      if (sampled) sampleFrom = frame + SAMPLE_AFTER
      const compared = sampled || answering
      return {
        template,
        texture: placed || (hold && padJudges),
        search: searched || crowded || template || compared || (hold && !inPlace),
        ...(compared && probe ? { compareWith: probe } : {}),
      }
    },
    optionsForLate: () => ({ search: crowded || drawn(SEARCHED.elsewhere) }),
    saw({ step }, measured, { good, verdict }) {
      count(measured)
      const { faces, template, likeness } = measured
      const compared = COMPARED.has(step.kind)
      answering = compared && good && verdict === 'pending'
      inPlace = good && faces !== undefined
      lettingGo = !crowded && !answering && drawn(letGo(step))
      if (likeness) return compared ? verdict === 'answered' : good
      if (!template || !good) return false
      templates++
      return true
    },
  }
}

/**
 * The frame after a measured one is let go so many times out of 256 where heads turn slowly: a third of the frames of a path
 * (5.3 of 8 a second stay: docs/evaluation.md), almost half of those of the way back, of an open mouth and while the camera
 * is asked, not the person. A blink is quick.
 */
function letGo(step: ChallengeStep): number {
  if (step.kind === 'follow') return 128
  const slow =
    step.kind === 'center' ||
    step.kind === 'camera-constraint' ||
    (step.kind === 'expression' && step.expression === 'mouth-open')
  return slow ? 224 : 0
}
