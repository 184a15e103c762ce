/** Sets samples aside that have no part in the choice of a threshold. The same list is split alike every time. */
import { createHash } from 'node:crypto'
import type { Sample } from '../eval/samples.ts'

export interface Split<S> {
  readonly chosen: readonly S[]
  readonly heldOut: readonly S[]
}

/**
 * Where subjects are known, all samples of a person go to one side; otherwise that share of every kind of sample.
 * @param share of subjects, or of samples, that is held out
 */
export function split<S extends { readonly sample: Sample }>(
  samples: readonly S[],
  share: number,
  bySubject: boolean,
): Split<S> {
  const drawn = bySubject ? drawSubjects(samples, share) : drawOfEveryKind(samples, share)
  return {
    chosen: samples.filter((one) => !drawn.has(one)),
    heldOut: samples.filter((one) => drawn.has(one)),
  }
}

function drawSubjects<S extends { readonly sample: Sample }>(samples: readonly S[], share: number): Set<S> {
  const subjects = new Set(
    draw([...new Set(samples.map(({ sample }) => sample.subject ?? ''))], share, (subject) => subject),
  )
  return new Set(samples.filter(({ sample }) => subjects.has(sample.subject ?? '')))
}

function drawOfEveryKind<S extends { readonly sample: Sample }>(
  samples: readonly S[],
  share: number,
): Set<S> {
  const kinds = Map.groupBy(samples, ({ sample }) => sample.species)
  return new Set([...kinds.values()].flatMap((of) => draw(of, share, ({ sample }) => String(sample.line))))
}

/** That share of the list, in the order of hashes: neither the order of the list nor a seed decides. */
function draw<T>(list: readonly T[], share: number, nameOf: (item: T) => string): T[] {
  const hashed = list.map((item) => ({
    item,
    hash: createHash('sha256').update(nameOf(item)).digest('hex'),
  }))
  return hashed
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, Math.round(share * list.length))
    .map(({ item }) => item)
}
