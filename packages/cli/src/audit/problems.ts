/** What can be wrong with a log, as a closed list. Every kind has its own exercise in the tests. */

export const LOG_PROBLEMS = {
  changed: 'The entry is not the one that the log was signed with.',
  moved: 'The entry stands at another place than the one that it names.',
  'not-canonical': 'The entry is not in the one form that entries have.',
  missing: 'The log is shorter than a checkpoint says.',
  tile: 'A tile does not fit the entries, which are right.',
  root: 'The entries do not lead to the root of a checkpoint; one of those since the checkpoint before was changed.',
  signature: 'A checkpoint is not signed with a known key of the log, or is damaged.',
  forked: 'Two signed checkpoints of one size say different things: the log has shown two faces.',
  'rolled-back': 'The log is shorter than it was when it was looked at last.',
  receipt: 'The entry that a receipt names is not that of the receipt.',
} as const
export type LogProblemKind = keyof typeof LOG_PROBLEMS

export interface LogProblem {
  readonly kind: LogProblemKind
  /** In a sentence. */
  readonly what: string
  /** Of the entry, from 0. */
  readonly index?: number
  /** The signed notes that prove it. */
  readonly evidence?: readonly string[]
}
