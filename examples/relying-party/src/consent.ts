/** The consent text that people agree to at sign-up; its version and hash go to Ipse with every enrolment. */
import { createHash } from 'node:crypto'

export const CONSENT_VERSION = '2026-11'

export const CONSENT_TEXT = [
  'This site checks your face when you sign in. To do so, our own Ipse service takes pictures with your camera, measures',
  'them at once and keeps one protected template of your face. Pictures are not kept. You can delete the template with',
  'your account at any time, and you may use another way to sign in if you ask us.',
].join(' ')

export const CONSENT_HASH: string = createHash('sha256').update(CONSENT_TEXT).digest('base64url')
