/** The public surface of @ipse/engine, exports only. */
export { createEngine, type EngineOptions } from './engine.ts'
export { DECODE_LIMITS } from './image/limits.ts'
export { type Manifest, type ManifestModel, parseManifest } from './manifest.ts'
export type * from './types.ts'
