/** `standard`, but a virtual camera is only reported: for the example's simulated camera. Development only. */
import type { Policy } from '@ipse/protocol'
import { standard } from './standard.ts'

export const demo: Policy = {
  ...standard,
  name: 'demo',
  description:
    'Like standard, but virtual cameras are only reported. For development, never for real decisions.',
  challenge: { ...standard.challenge, stepUp: { on: ['turn-unseen', 'repeated-frames'], most: 2 } },
  virtualCamera: 'signal',
  developmentOnly: true,
}
