/** The attack catalogue: every instrument that the laboratory can build, in the order of its numbers. */
import { anotherPerson } from './another-person.ts'
import { answerLibrary } from './answer-library.ts'
import { bentPrint } from './bent-print.ts'
import { cutOutEyes } from './cut-out-eyes.ts'
import { faceSwap } from './face-swap.ts'
import { frozenCapture } from './frozen-capture.ts'
import { instantAnswers } from './instant-answers.ts'
import type { Instrument } from './instrument.ts'
import { kenBurns } from './ken-burns.ts'
import { lateAnswers } from './late-answers.ts'
import { loopedRecording } from './looped-recording.ts'
import { mirroredClip } from './mirrored-clip.ts'
import { morph } from './morph.ts'
import { photoSwap } from './photo-swap.ts'
import { printedPhotograph } from './printed-photograph.ts'
import { relitAnswer } from './relit-answer.ts'
import { reposedPhotograph } from './reposed-photograph.ts'
import { screenRelay } from './screen-relay.ts'
import { screenReplay } from './screen-replay.ts'
import { speedWarped } from './speed-warped.ts'
import { splicedIdentities } from './spliced-identities.ts'
import { stillPhotograph } from './still-photograph.ts'
import { unlitAnswer } from './unlit-answer.ts'
import { wrongSequence } from './wrong-sequence.ts'

export const INSTRUMENTS: readonly Instrument[] = [
  stillPhotograph,
  printedPhotograph,
  loopedRecording,
  kenBurns,
  mirroredClip,
  screenReplay,
  splicedIdentities,
  reposedPhotograph,
  anotherPerson,
  bentPrint,
  cutOutEyes,
  photoSwap,
  screenRelay,
  speedWarped,
  frozenCapture,
  wrongSequence,
  lateAnswers,
  instantAnswers,
  answerLibrary,
  morph,
  faceSwap,
  unlitAnswer,
  relitAnswer,
]

/** @throws TypeError when the catalogue has no such name */
export function findInstrument(name: string): Instrument {
  const found = INSTRUMENTS.find((instrument) => instrument.name === name)
  if (found === undefined) throw new TypeError(`The catalogue has no instrument "${name}".`)
  return found
}
