import { test } from 'node:test'
import { findInstrument, RECORDED_MS } from '@ipse/lab'
import { people } from '../../people.ts'
import { attackWithCameraFile } from '../camera-attack.ts'

test('a recorded capture in a loop is refused: its turns do not answer this challenge', async () => {
  const [victim] = await people('subject-a')
  const feed = findInstrument('looped-recording').createFeed({ victim: victim! })
  await attackWithCameraFile({
    victim: 'subject-a',
    feed,
    durationMs: RECORDED_MS,
    reasons: ['challenge_wrong_answer', 'challenge_not_answered', 'challenge_too_fast', 'capture_looped'],
  })
})
