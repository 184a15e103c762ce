import { test } from 'node:test'
import { findInstrument } from '@ipse/lab'
import { people } from '../../people.ts'
import { attackWithCameraFile } from '../camera-attack.ts'

test('a still photograph as the camera is refused: its frames repeat and no step is answered', async () => {
  const [victim] = await people('subject-a')
  const feed = findInstrument('still-photograph').createFeed({ victim: victim! }, { variant: 'frozen' })
  await attackWithCameraFile({ victim: 'subject-a', feed, durationMs: 2_000, reasons: ['frames_repeated'] })
})

test('a photograph that shakes and has fresh noise is refused: no step is answered', async () => {
  const [victim] = await people('subject-a')
  const feed = findInstrument('still-photograph').createFeed({ victim: victim! }, { variant: 'shaken' })
  await attackWithCameraFile({
    victim: 'subject-a',
    feed,
    durationMs: 20_000,
    reasons: ['challenge_not_answered'],
  })
})
