/** The part of the laboratory that tests use: the engine is not compiled against its neighbour. */
import type { Engine } from '../src/types.ts'

export interface State {
  readonly yawDeg: number
  readonly gain: number
  readonly gaze: { readonly x: number; readonly y: number }
  readonly shift: { readonly x: number; readonly y: number }
}
export type Thing = { readonly width: number; readonly height: number }
export interface Pixels extends Thing {
  readonly data: Uint8ClampedArray
}
interface Lab {
  readonly FIXTURES: readonly unknown[]
  readonly NEUTRAL: State
  createSubject(photo: unknown, landmarks: Float32Array): Thing
  renderSubject(subject: Thing, state: State, out: Pixels): void
  createSheet(subject: Thing): Thing
  renderSheet(sheet: Thing, state: State, bendRad: number, out: Pixels): void
  createFrame(width: number, height: number): Pixels
}
interface LabFiles {
  loadFixture(
    fixture: unknown,
    locate: (jpeg: Uint8Array) => Promise<Float32Array | undefined>,
  ): Promise<{ photo: unknown; landmarks: Float32Array }>
  toJpeg(frame: Pixels): Promise<Uint8Array>
}

const load = async <T>(name: string): Promise<T> => (await import(name)) as T
export const lab: Lab = await load<Lab>('@ipse/lab')
const files = await load<LabFiles>('@ipse/lab/node')

/** @param index of the laboratory's photographs */
export async function subjectOf(engine: Engine, index: number): Promise<Thing> {
  const locate = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh?.landmarks
  const { photo, landmarks } = await files.loadFixture(lab.FIXTURES[index], locate)
  return lab.createSubject(photo, landmarks)
}

/** A picture of the subject's size as JPEG. */
export function jpegOf({ width, height }: Thing, draw: (out: Pixels) => void): Promise<Uint8Array> {
  const out = lab.createFrame(width, height)
  draw(out)
  return files.toJpeg(out)
}
