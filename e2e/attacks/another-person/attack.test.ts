import { test } from 'node:test'
import { createActor, createActorFeed } from '@ipse/lab'
import { people } from '../../people.ts'
import { attackWithCameraFile } from '../camera-attack.ts'

test('another person in front of the camera is refused: the face is not that of the reference', async () => {
  const [subject] = await people('subject-b')
  const feed = createActorFeed({ subject: subject!, actor: createActor({ seed: 7 }), seed: 7 })
  await attackWithCameraFile({ victim: 'subject-a', feed, durationMs: 12_000, reasons: ['face_mismatch'] })
})
