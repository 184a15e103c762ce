/** The audit log's tree, proofs, tiles and signed checkpoints: what a stranger needs to check it, exports only. */
export * from './checkpoint.ts'
export * from './entry.ts'
export * from './frontier.ts'
export * from './hashing.ts'
export * from './note.ts'
export * from './proof.ts'
export * from './prove.ts'
export * from './tile.ts'
