/** `/v1/detections`: faces, pose and quality of one photograph. No face is a result. */
import type { DetectionResult } from '@ipse/protocol'
import { type App, IMAGE_BODY_BYTES, type RouteContext } from './context.ts'
import { measureImage } from './images.ts'
import { answers, CreateDetectionSchema, DetectionResultSchema } from './schemas.ts'

export function addDetectionRoutes(app: App, { guard, queue }: RouteContext): void {
  app.post(
    '/v1/detections',
    {
      onRequest: guard('face:detect'),
      bodyLimit: IMAGE_BODY_BYTES,
      schema: {
        summary: 'Find faces',
        body: CreateDetectionSchema,
        response: answers(200, DetectionResultSchema),
      },
    },
    async (request): Promise<DetectionResult> => {
      const { width, height, faces, mesh, quality } = await measureImage(queue, request.body.image, false)
      return {
        width,
        height,
        faces: faces.map(({ box, score, points }) => ({ box, score, points: [...points] })),
        ...(mesh === undefined ? {} : { pose: mesh.pose, quality }),
        ...(mesh !== undefined && request.body.landmarks === true
          ? { landmarks: triples(mesh.landmarks) }
          : {}),
      }
    },
  )
}

function triples(flat: Float32Array): [number, number, number][] {
  return Array.from({ length: Math.floor(flat.length / 3) }, (_, i) => [
    flat[3 * i] ?? Number.NaN,
    flat[3 * i + 1] ?? Number.NaN,
    flat[3 * i + 2] ?? Number.NaN,
  ])
}
