/** The attack catalogue: every instrument that the laboratory can build, in the order of its numbers. */
import type { Instrument } from './instrument.ts'
import { kenBurns } from './ken-burns.ts'
import { loopedRecording } from './looped-recording.ts'
import { mirroredClip } from './mirrored-clip.ts'
import { printedPhotograph } from './printed-photograph.ts'
import { reposedPhotograph } from './reposed-photograph.ts'
import { screenReplay } from './screen-replay.ts'
import { splicedIdentities } from './spliced-identities.ts'
import { stillPhotograph } from './still-photograph.ts'

export const INSTRUMENTS: readonly Instrument[] = [
  stillPhotograph,
  printedPhotograph,
  loopedRecording,
  kenBurns,
  mirroredClip,
  screenReplay,
  splicedIdentities,
  reposedPhotograph,
]

/** @throws TypeError when the catalogue has no such name */
export function findInstrument(name: string): Instrument {
  const found = INSTRUMENTS.find((instrument) => instrument.name === name)
  if (found === undefined) throw new TypeError(`The catalogue has no instrument "${name}".`)
  return found
}
