/**
 * The networks that are shipped with the packages @vladmandic/human 3.3.6 and @vladmandic/face-api 1.7.15, pinned
 * by the SHA-256 of every file. Licences: the packages' own (MIT); origins of the networks as their authors state.
 */
import type { ModelInfo } from '../types.ts'

/** A file of an npm package, found by walking up `node_modules`, or under the models folder by the same path. */
export interface SourceFile {
  readonly path: string
  readonly sha256: string
}

export interface DefaultModel {
  readonly id: string
  readonly role: ModelInfo['role']
  readonly version: string
  readonly licence: string
  readonly topology: SourceFile
  readonly weights: SourceFile
  /** The values to give out; all of them when absent. */
  readonly outputs?: readonly string[]
}

const human = (
  name: string,
  topology: string,
  weights: string,
): Pick<DefaultModel, 'topology' | 'weights'> => ({
  topology: { path: `@vladmandic/human/models/${name}.json`, sha256: topology },
  weights: { path: `@vladmandic/human/models/${name}.bin`, sha256: weights },
})

export const DEFAULT_MODELS = {
  detector: {
    id: 'blazeface',
    role: 'detector',
    version: 'human-3.3.6',
    licence: 'Apache-2.0 (MediaPipe BlazeFace)',
    ...human(
      'blazeface',
      'cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f',
      'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
    ),
  },
  landmarks: {
    id: 'facemesh',
    role: 'landmarks',
    version: 'human-3.3.6',
    licence: 'Apache-2.0 (MediaPipe FaceMesh)',
    ...human(
      'facemesh',
      'b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7',
      '3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b',
    ),
    outputs: ['Identity_1', 'Identity_2'],
  },
  dlib: {
    id: 'dlib128',
    role: 'embedding',
    version: 'face-api-1.7.15',
    licence: 'CC0-1.0 (dlib face recognition model by Davis King)',
    topology: {
      path: '@vladmandic/face-api/model/face_recognition_model-weights_manifest.json',
      sha256: 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b',
    },
    weights: {
      path: '@vladmandic/face-api/model/face_recognition_model.bin',
      sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
    },
  },
  faceres: {
    id: 'faceres',
    role: 'embedding',
    version: 'human-3.3.6',
    licence: 'Apache-2.0 (HSE FaceRec by A. Savchenko)',
    ...human(
      'faceres',
      '5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df',
      '2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b',
    ),
    /** Only the descriptor: age and gender are not computed. */
    outputs: ['global_pooling/Mean'],
  },
  antispoof: {
    id: 'antispoof',
    role: 'pad',
    version: 'human-3.3.6',
    licence: 'MIT (as distributed by @vladmandic/human)',
    ...human(
      'antispoof',
      '7fd698ae1cebabbcad79d3b8b448587b0365eb7911987418231bdcf36583112a',
      '4490fecb2becdb6869edc7e60f5e59962be013a8def8719b1373afb0f905c094',
    ),
  },
  liveness: {
    id: 'liveness',
    role: 'pad',
    version: 'human-3.3.6',
    licence: 'MIT (as distributed by @vladmandic/human)',
    ...human(
      'liveness',
      '9e51c8acf83b80abbf329b2735309ab5c90611c66905ade8b1bd130d473df9c8',
      'fc6a6b6b3b9721bdb8bff67a457a15b7cbfd81715cfb27f3e65b757e81dd663e',
    ),
  },
} as const satisfies Record<string, DefaultModel>
