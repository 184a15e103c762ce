/** From files to a plan: shipped networks are converted, an operator's are taken as they are. */
import { createHash } from 'node:crypto'
import { IpseError } from '@ipse/protocol'
import { alignChannels } from '../convert/align-channels.ts'
import { buildDlibNet } from '../convert/dlib-net.ts'
import { encodeModel, type Graph } from '../convert/onnx.ts'
import { convertGraphModel, type GraphModel } from '../convert/tfjs-graph.ts'
import type { WeightGroup } from '../convert/weights.ts'
import type { Manifest, ManifestModel } from '../manifest.ts'
import type { ModelInfo } from '../types.ts'
import { DEFAULT_MODELS, type DefaultModel } from './default-models.ts'
import { DEFAULT_SAME_WITHIN } from './default-space.ts'
import type { FaceNetworkPlan, Plan } from './plan.ts'
import { readOperators, readShipped } from './source.ts'

/**
 * A shipped model as a graph.
 * @throws IpseError `model_invalid` when a file is missing or altered
 */
export async function shippedGraph(model: DefaultModel, modelsDir?: string): Promise<Graph> {
  const [topology, weights] = await Promise.all([
    readShipped(model.topology, modelsDir),
    readShipped(model.weights, modelsDir),
  ])
  const parsed: unknown = JSON.parse(new TextDecoder().decode(topology))
  return model.id === DEFAULT_MODELS.dlib.id
    ? buildDlibNet(parsed as WeightGroup[], weights)
    : convertGraphModel(model.id, parsed as GraphModel, weights, model.outputs)
}

async function shipped(model: DefaultModel, modelsDir: string | undefined): Promise<Uint8Array> {
  return encodeModel(alignChannels(await shippedGraph(model, modelsDir)), true)
}

const UNSCALED = [1, 1, 1] as const
const BY_255 = [1 / 255, 1 / 255, 1 / 255] as const
const NO_MEAN = [0, 0, 0] as const

/** Both comparison networks, in the order of their parts in a template. */
async function shippedEmbedders(modelsDir: string | undefined): Promise<FaceNetworkPlan[]> {
  const shared = { layout: 'NCHW', channels: 'RGB', output: { kind: 'vector' } } as const
  const [dlib, faceres] = await Promise.all([
    shipped(DEFAULT_MODELS.dlib, modelsDir),
    shipped(DEFAULT_MODELS.faceres, modelsDir),
  ])
  return [
    {
      ...shared,
      id: DEFAULT_MODELS.dlib.id,
      sameWithin: DEFAULT_SAME_WITHIN,
      model: dlib,
      side: 150,
      mean: [122.782, 117.001, 104.298],
      factor: BY_255,
      alignment: { kind: 'dlib' },
    },
    {
      ...shared,
      id: DEFAULT_MODELS.faceres.id,
      model: faceres,
      side: 224,
      /** HSE_FaceRec_tf subtracts these from RGB in this order; @vladmandic/human leaves it out. */
      mean: [103.939, 116.779, 123.68],
      factor: UNSCALED,
      alignment: { kind: 'faceres' },
    },
  ]
}

/** Side of the crop around the detected box that human's PAD networks get (its config, face.detector.scale). */
const HUMAN_CROP_SCALE = 1.4

async function shippedPads(modelsDir: string | undefined): Promise<FaceNetworkPlan[]> {
  const networks = [
    { model: DEFAULT_MODELS.antispoof, side: 128 },
    { model: DEFAULT_MODELS.liveness, side: 32 },
  ]
  return Promise.all(
    networks.map(async ({ model, side }) => ({
      id: model.id,
      model: await shipped(model, modelsDir),
      side,
      layout: 'NCHW' as const,
      channels: 'RGB' as const,
      mean: NO_MEAN,
      factor: BY_255,
      alignment: { kind: 'crop' as const, scale: HUMAN_CROP_SCALE },
      output: { kind: 'probabilities' as const, bonaFideIndex: 0 },
    })),
  )
}

async function operators(model: ManifestModel, modelsDir: string | undefined): Promise<FaceNetworkPlan> {
  const { input } = model
  const data = await readOperators({ path: model.file, sha256: model.sha256 }, modelsDir)
  const shared = new Uint8Array(new SharedArrayBuffer(data.length))
  shared.set(data)
  return {
    id: model.id,
    model: shared,
    side: input.width,
    layout: input.layout,
    channels: input.channels,
    mean: input.mean,
    factor: [1 / input.std[0], 1 / input.std[1], 1 / input.std[2]],
    alignment: input.align === 'crop' ? { kind: 'crop', scale: input.cropScale } : { kind: 'arcface112' },
    ...(input.name === undefined ? {} : { inputName: input.name }),
    output: model.output,
  }
}

/** One hash for the files of a model: the weights', which are meaningless without their topology, and the topology's. */
function shippedInfo({ id, role, version, licence, topology, weights }: DefaultModel): ModelInfo {
  const sha256 = createHash('sha256').update(topology.sha256).update(weights.sha256).digest('hex')
  return { id, role, version, sha256, licence }
}

/** @throws IpseError `model_invalid` naming the file that is missing, altered or taken twice */
export async function loadModels(
  manifest: Manifest,
  modelsDir: string | undefined,
): Promise<{ readonly plan: Plan; readonly infos: readonly ModelInfo[] }> {
  const own = manifest.models
  const reserved = new Set<string>(Object.values(DEFAULT_MODELS).map((model) => model.id))
  for (const { id } of own)
    if (reserved.has(id)) throw new IpseError('model_invalid', `manifest: the id ${id} is taken`)
  const ownEmbedders = own.filter((model) => model.role === 'embedding')
  const ownPads = own.filter((model) => model.role === 'pad')
  const load = (models: readonly ManifestModel[]): Promise<FaceNetworkPlan[]> =>
    Promise.all(models.map((model) => operators(model, modelsDir)))
  const [detector, landmarks, embedders, pads, extraPads] = await Promise.all([
    shipped(DEFAULT_MODELS.detector, modelsDir),
    shipped(DEFAULT_MODELS.landmarks, modelsDir),
    ownEmbedders.length > 0 ? load(ownEmbedders) : shippedEmbedders(modelsDir),
    shippedPads(modelsDir),
    load(ownPads),
  ])
  const used: readonly DefaultModel[] = Object.values(DEFAULT_MODELS).filter(
    (model) => model.role !== 'embedding' || ownEmbedders.length === 0,
  )
  const ownInfos = own.map(({ id, role, version, sha256, licence }) => ({
    id,
    role,
    version,
    sha256,
    licence,
  }))
  return {
    plan: { detector, landmarks, embedders, pads: [...pads, ...extraPads] },
    infos: [...used.map(shippedInfo), ...ownInfos],
  }
}
