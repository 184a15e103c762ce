/**
 * The stages of a policy version, and which moves there are. Pure: versions of one name in, changed versions out. What a
 * version says never changes once it is published; only its stage does.
 */
import { IpseError } from '@ipse/protocol'

export const STAGES = {
  draft: 'Published; decides nothing.',
  shadow: 'Decides beside what is in force; only the counts of its decisions are kept.',
  canary: 'Decides for a share of the new sessions.',
  active: 'In force: decides for all other new sessions.',
  retired: 'Decides for no new session.',
} as const
export type Stage = keyof typeof STAGES
export const STAGE_NAMES = Object.keys(STAGES) as Stage[]

export interface PolicyVersion {
  readonly tenant: string
  readonly name: string
  readonly version: number
  /** Of the policy as it was published: SHA-256 of its canonical JSON, base64url. */
  readonly digest: string
  readonly stage: Stage
  /** Of a canary: whole percent of the new sessions. */
  readonly share?: number
  /** Of what became active: the version that was active before; none when that was a file's, or nothing. */
  readonly replaced?: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly changedAt: number
}

export interface Move {
  readonly version: number
  readonly to: Stage
  /** Whole percent, 1 to 100; of a canary, and of nothing else. */
  readonly share?: number
}

/** One step at a time towards more say; back and out at any time. */
const MOVES: Readonly<Record<Stage, readonly Stage[]>> = {
  draft: ['shadow', 'retired'],
  shadow: ['draft', 'canary', 'retired'],
  canary: ['shadow', 'canary', 'active', 'retired'],
  active: ['retired'],
  retired: ['shadow'],
}
/** Of each of these there is one at most. */
const EXCLUSIVE: readonly Stage[] = ['shadow', 'canary']

/**
 * @param versions all of one name
 * @param hasFile whether a file of the operator has a policy of that name: it is in force while no version is active
 * @returns the versions that change: the one that moves, and the one whose place it takes
 * @throws IpseError `not_found`, `conflict` for a move that there is not, `invalid_request` for a share where none belongs
 */
export function moveVersion(
  versions: readonly PolicyVersion[],
  { version, to, share }: Move,
  hasFile: boolean,
  now: number,
): PolicyVersion[] {
  const moved = versions.find((candidate) => candidate.version === version)
  if (!moved) throw new IpseError('not_found')
  checkShare(to, share)
  const before = versions.find(({ stage }) => stage === 'active')
  const inForce = hasFile || before !== undefined
  // Nobody's decision changes where nothing was in force.
  const first = !inForce && moved.stage === 'draft' && to === 'active'
  if (!first && !MOVES[moved.stage].includes(to))
    throw refused(moved, to, `from ${moved.stage} it goes to ${MOVES[moved.stage].join(' or ')}`)
  if (!inForce && (to === 'shadow' || to === 'canary'))
    throw refused(moved, to, 'nothing is in force under this name to compare with: make it active')
  const other = versions.find((candidate) => candidate !== moved && candidate.stage === to)
  if (other && EXCLUSIVE.includes(to)) throw refused(moved, to, `version ${other.version} is there`)
  const changed = staged(moved, to, now, {
    ...(share === undefined ? {} : { share }),
    ...(to === 'active' && before ? { replaced: before.version } : {}),
  })
  return to === 'active' && before ? [staged(before, 'retired', now), changed] : [changed]
}

/**
 * Takes back the last step towards more say: the canary, or else what is active; then what was active before is again.
 * @returns the versions that change
 * @throws IpseError `conflict` when there is nothing to take back
 */
export function rollBack(versions: readonly PolicyVersion[], now: number): PolicyVersion[] {
  const canary = versions.find(({ stage }) => stage === 'canary')
  if (canary) return [staged(canary, 'retired', now)]
  const active = versions.find(({ stage }) => stage === 'active')
  if (!active) throw new IpseError('conflict', 'no version of this name is a canary or active')
  const before = versions.find(({ version }) => version === active.replaced)
  const again = before && { ...before, stage: 'active' as const, changedAt: now }
  return [staged(active, 'retired', now), ...(again ? [again] : [])]
}

/** What was replaced is kept until the next activation: what is rolled back to can be rolled back too. */
function staged(
  { share: _, replaced, ...version }: PolicyVersion,
  stage: Stage,
  now: number,
  more: Pick<PolicyVersion, 'share' | 'replaced'> = {},
): PolicyVersion {
  const kept = replaced === undefined || stage === 'active' ? {} : { replaced }
  return { ...version, ...kept, ...more, stage, changedAt: now }
}

function checkShare(to: Stage, share: number | undefined): void {
  if ((to === 'canary') !== (share !== undefined))
    throw new IpseError('invalid_request', 'a canary has a share, and nothing else has one')
  if (share !== undefined && !(Number.isInteger(share) && share >= 1 && share <= 100))
    throw new IpseError('invalid_request', 'a share is a whole number of percent, 1 to 100')
}

function refused({ name, version }: PolicyVersion, to: Stage, why: string): IpseError {
  return new IpseError('conflict', `${name}/${version} cannot be made ${to}: ${why}`)
}
