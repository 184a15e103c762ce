/** Covers that are painted on photographs: what separates, and what is known not to. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Measurement } from '@ipse/protocol'
import { createEngine } from '../src/engine.ts'
import { decode } from '../src/image/decode.ts'
import { faceVisibility } from '../src/quality/visibility.ts'
import type { FaceMesh, Image } from '../src/types.ts'
import { PHOTOGRAPHS, photograph } from './photographs.ts'

/** Limits of the service: packages/server/src/domain/signals/visibility.ts. */
const EYES = 0.06
const LOWER_FACE = 0.65

const engine = await createEngine({ threads: 1 })
after(() => engine.close())

const seen: { readonly image: Image; readonly mesh: FaceMesh }[] = []
for (const name of PHOTOGRAPHS) {
  const { mesh } = await engine.measure(photograph(name))
  const image = await decode(photograph(name))
  if (mesh && mesh.outerEyeDistancePx >= 40) seen.push({ image, mesh })
}

type Colour = readonly [number, number, number]

/** A copy in which the pixels inside have a colour, shaded a little. */
function painted(
  { width, height, data }: Image,
  [red, green, blue]: Colour,
  inside: (x: number, y: number) => boolean,
): Image {
  const copy = Uint8Array.from(data)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3) {
      if (!inside(x, y)) continue
      const shade = 1 + 0.08 * Math.sin(x / 7)
      copy.set([red * shade, green * shade, blue * shade], at)
    }
  return { width, height, data: copy }
}

function glasses(image: Image, { landmarks, outerEyeDistancePx: e }: FaceMesh): Image {
  const lens = (outer: number, inner: number) => {
    const x = (landmarks[3 * outer]! + landmarks[3 * inner]!) / 2
    const y = (landmarks[3 * outer + 1]! + landmarks[3 * inner + 1]!) / 2
    return (px: number, py: number) => ((px - x) / (0.27 * e)) ** 2 + ((py - y) / (0.2 * e)) ** 2 < 1
  }
  const [right, left] = [lens(33, 133), lens(263, 362)]
  return painted(image, [20, 18, 18], (x, y) => right(x, y) || left(x, y))
}

/** From the middle of the nose down, as wide as the face. */
function mask(image: Image, { landmarks, face, outerEyeDistancePx: e }: FaceMesh, colour: Colour): Image {
  const [top, bottom] = [landmarks[3 * 5 + 1]!, landmarks[3 * 152 + 1]! + 0.1 * e]
  const { x: left, width } = face.box
  return painted(image, colour, (x, y) => y > top && y < bottom && x > left && x < left + width)
}

function native(measured: Measurement): number {
  assert.ok(measured.status === 'assessed')
  return measured.native
}

test('bare faces are open to view', () => {
  assert.ok(seen.length >= 4, `${seen.length} faces are large enough`)
  for (const { image, mesh } of seen) {
    const { eyes, lowerFace } = faceVisibility(image, mesh)
    assert.ok(native(eyes) > EYES, `eyes ${native(eyes)}`)
    assert.ok(native(lowerFace) > LOWER_FACE, `lower face ${native(lowerFace)}`)
  }
})

test('dark glasses take the contrast out of the eyes and leave the lower face alone', () => {
  for (const { image, mesh } of seen) {
    const { eyes, lowerFace } = faceVisibility(glasses(image, mesh), mesh)
    assert.ok(native(eyes) < EYES, `eyes ${native(eyes)}`)
    assert.ok(native(lowerFace) > LOWER_FACE)
  }
})

test('a blue mask has another colour than skin', () => {
  for (const { image, mesh } of seen) {
    const blue = faceVisibility(mask(image, mesh, [127, 178, 217]), mesh)
    assert.ok(native(blue.lowerFace) < LOWER_FACE, `blue ${native(blue.lowerFace)}`)
    assert.ok(native(blue.eyes) > EYES)
  }
})

test('small faces and faces outside of the picture are not assessed', () => {
  const [{ image, mesh }] = seen as [(typeof seen)[number]]
  assert.equal(faceVisibility(image, { ...mesh, outerEyeDistancePx: 39 }).eyes.status, 'failure-to-assess')
  const away = { ...mesh, landmarks: mesh.landmarks.map((value) => value - 10_000) }
  const { eyes, lowerFace } = faceVisibility(image, away)
  assert.deepEqual([eyes.status, lowerFace.status], ['failure-to-assess', 'failure-to-assess'])
})
