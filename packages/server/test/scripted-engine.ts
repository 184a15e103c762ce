/**
 * A small engine whose images say what is measured in them: a JPEG's first bytes, then JSON. A real implementation of the
 * interface, so the server cannot tell; templates are unit vectors that depend on the person and a little on the pose.
 */
import type {
  Clip,
  Engine,
  Face,
  FrameMeasurement,
  MeasureOptions,
  SkinLight,
  Template,
  TrackEvidence,
  TurnEvidence,
} from '@ipse/engine'
import {
  assessed,
  concat,
  failed,
  fromUtf8,
  IpseError,
  QUALITY_COMPONENTS,
  type Quality,
  utf8,
} from '@ipse/protocol'

export interface Script {
  readonly faces?: number
  readonly person?: number
  readonly yaw?: number
  readonly pitch?: number
  readonly roll?: number
  readonly presence?: number
  readonly widthShare?: number
  readonly quality?: number
  /** Mouth aspect ratio. */
  readonly mouth?: number
  /** Size of the picture, 640 × 480 unless given. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Makes the thumbnail, and the bytes, differ from frame to frame. */
  readonly noise?: number
  /** Contrast of the eyes, agreement of the lower face; open to view unless given. */
  readonly eyes?: number
  readonly lowerFace?: number
  /** Linear light of the patches. */
  readonly light?: SkinLight
  /** What turns is a plane that takes its surround along. */
  readonly plane?: boolean
  /** Nothing can be followed from the frame before to this one. */
  readonly cut?: boolean
}

const MAGIC = new Uint8Array([0xff, 0xd8, 0xff])
const WIDTH = 640
const HEIGHT = 480
const DIMENSIONS = 16

/** An image that measures as the script says. */
export function scriptedImage(script: Script): Uint8Array {
  return concat(MAGIC, utf8(JSON.stringify(script)))
}

function parse(encoded: Uint8Array): Script {
  try {
    return JSON.parse(fromUtf8(encoded.subarray(MAGIC.length))) as Script
  } catch (cause) {
    throw new IpseError('image_unreadable', undefined, { cause })
  }
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function templateOf({ person = 1, yaw = 0, pitch = 0 }: Script): Template {
  const vector = new Float32Array(DIMENSIONS)
  vector[person % DIMENSIONS] = 1
  vector[(person + 7) % DIMENSIONS] = Math.hypot(yaw, pitch) / 60
  return { modelId: 'scripted/1', vector: normalised(vector) }
}

/** Usual width of the face box / width of the picture. */
const WIDTH_SHARE = 0.35

/** A bowl of 468 points: direction and distance from its axis. */
const BOWL = Array.from({ length: 468 }, (_, i) => {
  const [angle, radius] = [i * 2.399963, 110 * Math.sqrt((i + 0.5) / 468)]
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), z: radius ** 2 / 120 - 50 }
})

/** The bowl through a pinhole: what is farther back shrinks as the face comes nearer; a plane's does not. */
function landmarksOf({ widthShare = WIDTH_SHARE, plane = false }: Script): Float32Array {
  const grown = widthShare / WIDTH_SHARE
  const out = new Float32Array(3 * BOWL.length)
  for (const [i, { x, y, z }] of BOWL.entries()) {
    const nearer = grown / (1 + (plane ? 0 : ((grown - 1) * z) / (1.03 * WIDTH)))
    out.set([WIDTH / 2 + nearer * x, HEIGHT / 2 + nearer * y, z * grown], 3 * i)
  }
  return out
}

function faceOf({ widthShare = WIDTH_SHARE }: Script): Face {
  const width = widthShare * WIDTH
  const box = { x: (WIDTH - width) / 2, y: (HEIGHT - width) / 2, width, height: width }
  const point = { x: WIDTH / 2, y: HEIGHT / 2 }
  return { box, score: 0.99, points: [point, point, point, point, point] }
}

function thumbnailOf({ yaw = 0, pitch = 0, noise = 0 }: Script): Uint8Array {
  const across = Array.from({ length: 32 }, (_, x) => Math.sin(x / 3 + yaw / 10))
  const down = Array.from({ length: 32 }, (_, y) => Math.cos(y / 4 + pitch / 10))
  const out = new Uint8Array(1024)
  for (let i = 0; i < out.length; i++) {
    const texture = 128 + 60 * across[i % 32]! * down[Math.floor(i / 32)]!
    // A cheap hash of cell and frame stands in for sensor noise of about three grey levels.
    const hash = Math.sin(i * 12.9898 + noise * 78.233) * 43758.5453
    out[i] = Math.round(texture + (hash - Math.floor(hash) - 0.5) * 12)
  }
  return out
}

function measureScript(script: Script, { template, texture, picture }: MeasureOptions): FrameMeasurement {
  const { faces = 1, yaw = 0, pitch = 0, roll = 0, presence = 0.99, quality = 80, mouth = 0.04 } = script
  const face = faceOf(script)
  const present = faces > 0
  return {
    width: script.size?.width ?? WIDTH,
    height: script.size?.height ?? HEIGHT,
    faces: Array.from({ length: faces }, () => face),
    ...(present
      ? {
          mesh: {
            face,
            landmarks: landmarksOf(script),
            presence,
            pose: { yawDeg: yaw, pitchDeg: pitch, rollDeg: roll },
            eyeOpenness: 0.26,
            mouthOpenness: mouth,
            outerEyeDistancePx: 100 * ((script.widthShare ?? WIDTH_SHARE) / WIDTH_SHARE),
          },
        }
      : {}),
    ...(present && script.light ? { light: script.light } : {}),
    ...(present
      ? {
          visibility: {
            eyes: assessed(script.eyes ?? 0.2, 1),
            lowerFace: assessed(script.lowerFace ?? 0.95, 1),
          },
        }
      : {}),
    quality: Object.fromEntries(
      QUALITY_COMPONENTS.map((name) => [name, assessed(quality, quality)]),
    ) as unknown as Quality,
    ...(present && template ? { template: templateOf(script) } : {}),
    ...(present && texture ? { texture: { 'scripted-pad': assessed(0.5, 0.5) } } : {}),
    ...(present && picture
      ? {
          picture: {
            spectralPeak: assessed(3.5, 0.4),
            halftonePeak: assessed(2, 0.3),
            fineDetail: assessed(-1, 0.8),
            specular: assessed(0.01, 0.01),
            redSpread: assessed(6, 0.4),
            singleCompression: assessed(0.85, 0.85),
          },
        }
      : {}),
    thumbnail: thumbnailOf(script),
  }
}

/** The widest turn of a clip's track as a head gives it, or a plane. */
function turnOf(scripts: readonly Script[]): TurnEvidence[] {
  const [neutral, ...rest] = scripts
  if (!neutral) return []
  const away = (script: Script) =>
    Math.max(
      Math.abs((script.yaw ?? 0) - (neutral.yaw ?? 0)),
      Math.abs((script.pitch ?? 0) - (neutral.pitch ?? 0)),
    )
  const widest = rest.toSorted((a, b) => away(b) - away(a))[0]
  if (!widest || away(widest) < 6) return []
  const broken = rest.some(({ cut, faces }) => cut === true || faces === 0)
  const told = (native: number) => (broken ? failed('track-lost') : assessed(native, 0.5))
  const plane = rest.some((script) => script.plane === true)
  return [
    {
      frames: rest.length,
      started: 120,
      broken,
      fastestWay: 0.1,
      largestStepDeg: largestStep(scripts, away),
      outerEyeDistancePx: 100,
      yawChangeDeg: (widest.yaw ?? 0) - (neutral.yaw ?? 0),
      pitchChangeDeg: (widest.pitch ?? 0) - (neutral.pitch ?? 0),
      planarity: {
        survivors: broken ? 0 : 90,
        residual: told(plane ? 0.005 : 0.04),
        rigidResidual: told(0.01),
        ratio: told(plane ? 0.6 : 4),
        displacement: told(0.25),
      },
      coMotion: told(plane ? 0.9 : 0.05),
      structure: { residual: told(0.03), explained: told(0.45) },
    },
  ]
}

function largestStep(scripts: readonly Script[], away: (script: Script) => number): number {
  return Math.max(0, ...scripts.slice(1).map((script, i) => away(script) - away(scripts[i] ?? script)))
}

function createScriptedClip({ measure, compare }: Pick<Engine, 'measure' | 'compare'>): Clip {
  let scripts: Script[] | undefined
  let last: Script | undefined
  let before: Script | undefined
  return {
    async measure(encoded, { compareWith, ...options } = {}) {
      const wanted = compareWith ? { ...options, template: true } : options
      const { template, ...measured } = await measure(encoded, wanted)
      const asked =
        template &&
        (compareWith ? { likeness: { score: compare(template, compareWith).score } } : { template })
      before = last
      last = parse(encoded)
      scripts?.push(last)
      const change = before && { change: { noise: 0.8, unchangedBlocks: 0.01, brightness: 120 } }
      // Like the engine: a face that can be followed is, and then nobody counts.
      if (options.search !== false || !measured.mesh || !(before && before.faces !== 0))
        return { ...measured, ...asked, ...change }
      const { faces: _, quality: __, ...followed } = measured
      return { ...followed, ...asked, ...change }
    },
    async beginTrack() {
      scripts = last ? [last] : []
    },
    async endTrack(): Promise<TrackEvidence> {
      const turns = turnOf(scripts ?? [])
      scripts = undefined
      return { turns, gazeCoupling: turns.length > 0 ? assessed(0.04, 0.5) : failed('too-few-frames') }
    },
    close() {},
  }
}

export interface ScriptedEngine extends Engine {
  /** Called before every measurement; throw or wait in it to be an engine in trouble. */
  before: (script: Script) => Promise<void> | void
}

export function createScriptedEngine(): ScriptedEngine {
  const source = { fnmr: 0.05, dataset: 'scripted', mated: 1000, nonMated: 100_000, date: '2026-01-01' }
  const strict = { ...source, fmr: 0.001, threshold: 0.7 }
  return {
    before: () => {},
    models: [{ id: 'scripted', role: 'embedding', version: '1', sha256: 'ab'.repeat(32), licence: 'none' }],
    operatingPoints: [{ ...source, fmr: 0.01, threshold: 0.5 }, strict],
    defaultOperatingPoint: strict,
    pads: [],
    templateModelId: 'scripted/1',
    templateParts: [DIMENSIONS],
    async measure(encoded, options = {}) {
      const script = parse(encoded)
      await this.before(script)
      return measureScript(script, options)
    },
    openClip() {
      return createScriptedClip({
        measure: (encoded, options) => this.measure(encoded, options),
        compare: (a, b) => this.compare(a, b),
      })
    },
    compare(a, b) {
      if (a.modelId !== b.modelId) throw new IpseError('reference_unusable')
      const score = a.vector.reduce((sum, value, i) => sum + value * (b.vector[i] ?? 0), 0)
      return { score, similarity: (score + 1) / 2 }
    },
    merge(templates) {
      const sum = new Float32Array(DIMENSIONS)
      for (const { vector } of templates)
        for (const [i, value] of vector.entries()) sum[i] = (sum[i] ?? 0) + value
      return { modelId: 'scripted/1', vector: normalised(sum) }
    },
    redraw: async (encoded) => {
      parse(encoded)
      return Uint8Array.from(encoded)
    },
    close: async () => {},
  }
}
