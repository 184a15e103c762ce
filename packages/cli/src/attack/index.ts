/** What the end-to-end tests take from the attack command: the same people and the same presentations. */
export { findChromium } from './methods/chromium.ts'
export { createStage } from './methods/stage.ts'
export { DEFAULT_PEOPLE, meetPeople, type Person } from './people.ts'
export { createPerformer } from './performer.ts'
export type { Job, Presentation } from './presentation.ts'
export { SIMULATED_CONSENT, subjectOf, type TargetOptions } from './target.ts'
