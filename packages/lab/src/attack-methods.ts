/**
 * The ways in which an instrument reaches the service (CEN/TS 18099: injection attack methods), and the ways in which a
 * capture itself is tampered with. Data only: `ipse attack` carries them out.
 */

/** What is done to a capture that would have been accepted: the instrument is the tampering itself. */
export interface Tampering {
  readonly name: string
  readonly recipe: string
  readonly expectation: string
}

export interface AttackMethod {
  readonly name: string
  readonly recipe: string
  /** `browser`: real Chromium; `none`: a program that speaks the protocol. */
  readonly needs: 'browser' | 'none'
  /** Instruments of the catalogue that the method carries; `all`, or names; none when it tampers. */
  readonly carries: 'all' | readonly string[]
  readonly tamperings: readonly Tampering[]
}

export const RESUBMISSIONS: readonly Tampering[] = [
  {
    name: 'same-bytes',
    recipe:
      'Send every message of an accepted capture again, byte for byte, on a new connection of a new session.',
    expectation: 'Token, nonce and proof belong to the first session.',
  },
  {
    name: 'same-session',
    recipe: 'Open another capture of the session that was accepted, with its own device key.',
    expectation: 'The session has ended.',
  },
  {
    name: 'own-hello',
    recipe: 'Greet a new session honestly, then send the sealed records of the accepted capture.',
    expectation: 'The records were sealed to a key that exists no more.',
  },
  {
    name: 'same-frames',
    recipe:
      'Greet, seal and sign honestly, but film nothing: send the pictures of the accepted capture again, in their order.',
    expectation: 'They answer a challenge that was drawn for another capture.',
  },
]

export const EDITS: readonly Tampering[] = [
  {
    name: 'dropped-record',
    recipe: 'Keep one sealed record back.',
    expectation: 'The next record does not open: HPKE counts.',
  },
  {
    name: 'reordered-records',
    recipe: 'Exchange two sealed records.',
    expectation: 'Neither opens in the place of the other.',
  },
  {
    name: 'repeated-record',
    recipe: 'Send one sealed record twice.',
    expectation: 'The second does not open.',
  },
  {
    name: 'edited-record',
    recipe: 'Change one bit of one sealed record.',
    expectation: 'It does not open: AES-GCM.',
  },
  {
    name: 'edited-step',
    recipe: 'Show the device another direction than the service asked for.',
    expectation: 'The device signs what it was shown, and that is not what was sent.',
  },
  {
    name: 'key-substituted',
    recipe:
      "Put a key of one's own in the place of the service's, open every record, edit one frame and seal them anew.",
    expectation:
      'The device asks for the signature of the service before it seals anything, and sends nothing.',
  },
  {
    name: 'edited-outcome',
    recipe: "Let another person fail and rewrite the outcome to 'pass' on its way to the page.",
    expectation: 'The relying party reads the decision from the service, not from the page.',
  },
]

export const ATTACK_METHODS: readonly AttackMethod[] = [
  {
    name: 'direct-client',
    recipe:
      'A program that speaks the capture protocol with keys of its own and says what a built-in camera would say.',
    needs: 'none',
    carries: 'all',
    tamperings: [],
  },
  {
    name: 'resubmission',
    recipe: 'An earlier accepted capture, sent again.',
    needs: 'none',
    carries: [],
    tamperings: RESUBMISSIONS,
  },
  {
    name: 'mitm-edit',
    recipe: 'Somebody between an honest device and the service who reads and changes what passes.',
    needs: 'none',
    carries: [],
    tamperings: EDITS,
  },
  {
    name: 'file-camera',
    recipe: 'Chromium with a video file in the place of the camera (--use-file-for-fake-video-capture).',
    needs: 'browser',
    carries: ['still-photograph', 'looped-recording', 'ken-burns', 'speed-warped'],
    tamperings: [],
  },
  {
    name: 'canvas-hook',
    recipe:
      'A script in the page that answers getUserMedia with the stream of a canvas, driven by the prompts.',
    needs: 'browser',
    carries: ['reposed-photograph', 'wrong-sequence', 'face-swap'],
    tamperings: [],
  },
  {
    name: 'patched-media',
    recipe:
      'The same canvas, put in behind an untouched getUserMedia, with label, settings, capabilities and constructor of a webcam.',
    needs: 'browser',
    carries: ['reposed-photograph', 'wrong-sequence', 'photo-swap'],
    tamperings: [],
  },
]
