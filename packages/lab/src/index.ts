/** The public surface of @ipse/lab, exports only: runs in browsers and in Node. Files and JPEG are in "@ipse/lab/node". */
export * from './actor.ts'
export * from './attack-catalogue.ts'
export * from './attack-methods.ts'
export { type BlendOptions, blendSubjects } from './blend.ts'
export * from './calibrate.ts'
export { catalogueMarkdown } from './catalogue-markdown.ts'
export * from './clip.ts'
export { reshapeDepth } from './depth.ts'
export * from './directions.ts'
export * from './feed.ts'
export * from './fixtures.ts'
export * from './frame.ts'
export * from './instruments/catalogue.ts'
export type { Instrument, InstrumentOptions, Materials } from './instruments/instrument.ts'
export { RECORDED_FPS, RECORDED_MS, RECORDED_SCRIPT } from './instruments/recorded.ts'
export { createLamp, type Lamp, type Lit, SCREEN_SHARE } from './lamp.ts'
export { FACE_WIDTH_SHARE } from './level.ts'
export { type Angles, anglesOf, poseFrame } from './linear.ts'
export { addSensorNoise, type Grain, noiseSigma } from './noise.ts'
export { createRandom, deriveSeed, type Random } from './random.ts'
export * from './screen.ts'
export { createSheet, renderSheet, type Sheet } from './sheet.ts'
export {
  createSubject,
  NEUTRAL,
  type Response,
  renderSubject,
  type Subject,
  type SubjectOptions,
  type SubjectState,
} from './subject.ts'
export {
  boundaryLoops,
  INNER_LOWER_LIP,
  INNER_UPPER_LIP,
  MESH_POINTS,
  SILHOUETTE,
  TRIANGLES,
} from './topology.ts'
