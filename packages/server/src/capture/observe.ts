/** From the engine's measurement of a frame to the plain observation that is judged. */
import { createHash } from 'node:crypto'
import type { ClipFrame } from '@ipse/engine'
import type { FrameHeader } from '@ipse/protocol'
import type { FrameObservation } from '../domain/capture-record.ts'

export function observe(
  measured: ClipFrame,
  jpeg: Uint8Array,
  { frame, capturedUs }: FrameHeader,
  arrival: { readonly step: number; readonly arrivedMs: number },
): FrameObservation {
  const { mesh, faces, quality, width, height } = measured
  return {
    frame,
    capturedUs,
    ...arrival,
    digest: createHash('sha256').update(jpeg).digest('base64url'),
    width,
    height,
    thumbnail: measured.thumbnail,
    ...(faces === undefined ? {} : { faces: faces.length }),
    ...(mesh === undefined
      ? {}
      : {
          face: {
            pose: mesh.pose,
            presence: mesh.presence,
            widthShare: mesh.face.box.width / width,
            centre: {
              x: (mesh.face.box.x + mesh.face.box.width / 2) / width,
              y: (mesh.face.box.y + mesh.face.box.height / 2) / height,
            },
            eyeOpenness: mesh.eyeOpenness,
            mouthOpenness: mesh.mouthOpenness,
            outerEyeDistancePx: mesh.outerEyeDistancePx,
            ...(quality === undefined ? {} : { quality }),
          },
        }),
    ...(measured.texture === undefined ? {} : { texture: measured.texture }),
    ...(measured.light === undefined ? {} : { light: measured.light }),
    ...(measured.visibility === undefined ? {} : { visibility: measured.visibility }),
    ...(measured.picture === undefined ? {} : { picture: measured.picture }),
    ...(measured.change === undefined ? {} : { change: measured.change }),
  }
}
