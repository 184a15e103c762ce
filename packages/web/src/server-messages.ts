/**
 * Reads what the service says. The service is trusted more than the network between: anything that is not exactly a known
 * message ends the capture.
 */
import {
  CHALLENGE_VERSION,
  type ChallengeStep,
  type Cue,
  type DayKey,
  DIRECTIONS,
  type DotPlace,
  ERRORS,
  type ErrorCode,
  EXPRESSIONS,
  GUIDANCE,
  IpseError,
  LIGHT_COLOURS,
  OUTCOMES,
  PASSKEY_CEREMONIES,
  type PasskeyAsk,
  type PublicJwk,
  type ServerMessage,
  STEP_KINDS,
} from '@ipse/protocol'

type Members = Record<string, unknown>

function refuse(what: string): IpseError {
  return new IpseError('unsupported_version', `message of the service: ${what}`)
}

function object(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(what)
  return value as Members
}

function text(from: Members, name: string): string {
  const value = from[name]
  if (typeof value !== 'string') throw refuse(name)
  return value
}

function number(from: Members, name: string, least: number, most: number): number {
  const value = from[name]
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw refuse(name)
  return value
}

function oneOf<T extends string>(from: Members, name: string, list: readonly T[]): T {
  const value = from[name]
  if (!list.includes(value as T)) throw refuse(name)
  return value as T
}

function parsePlace(value: unknown): DotPlace {
  const from = object(value, 'at')
  return { x: number(from, 'x', -1, 1), y: number(from, 'y', -1, 1) }
}

function parseTurn(from: Members) {
  return {
    direction: oneOf(from, 'direction', DIRECTIONS),
    targetDeg: number(from, 'targetDeg', 0, 90),
  }
}

const STEP_READERS: {
  [K in ChallengeStep['kind']]: (from: Members) => Omit<Extract<ChallengeStep, { kind: K }>, 'kind'>
} = {
  hold: () => ({}),
  center: () => ({}),
  'head-pose': parseTurn,
  follow: (from) => ({ at: parsePlace(from.at) }),
  expression: (from) => ({ expression: oneOf(from, 'expression', EXPRESSIONS) }),
  'gaze-hold': (from) => ({ ...parseTurn(from), at: parsePlace(from.at) }),
  'camera-constraint': (from) => ({
    width: number(from, 'width', 64, 4096),
    height: number(from, 'height', 64, 4096),
    framesPerSecond: number(from, 'framesPerSecond', 0.1, 60),
  }),
  distance: (from) => ({ nearer: number(from, 'nearer', 1, 4) }),
  'colour-light': (from) => ({ colour: oneOf(from, 'colour', LIGHT_COLOURS) }),
}

function parseStep(value: unknown): ChallengeStep {
  const from = object(value, 'step')
  const kind = oneOf(from, 'kind', STEP_KINDS)
  return { kind, ...STEP_READERS[kind](from) } as ChallengeStep
}

function parseCue(from: Members): Cue {
  return from.at === undefined
    ? { colour: oneOf(from, 'colour', LIGHT_COLOURS) }
    : { at: parsePlace(from.at) }
}

function parsePasskey(value: unknown): PasskeyAsk {
  const from = object(value, 'passkey')
  const { known, verifyUser } = from
  if (!Array.isArray(known) || !known.every((id) => typeof id === 'string')) throw refuse('known')
  if (typeof verifyUser !== 'boolean') throw refuse('verifyUser')
  return {
    ceremony: oneOf(from, 'ceremony', PASSKEY_CEREMONIES),
    rpId: text(from, 'rpId'),
    user: text(from, 'user'),
    known,
    verifyUser,
  }
}

function parseKey(value: unknown): PublicJwk {
  const from = object(value, 'key')
  const [kty, crv] = [oneOf(from, 'kty', ['EC'] as const), oneOf(from, 'crv', ['P-256'] as const)]
  return { kty, crv, x: text(from, 'x'), y: text(from, 'y') }
}

function parseDayKey(value: unknown): DayKey {
  const from = object(value, 'day')
  return {
    key: parseKey(from.key),
    from: number(from, 'from', 0, Number.MAX_SAFE_INTEGER),
    until: number(from, 'until', 0, Number.MAX_SAFE_INTEGER),
    identity: parseKey(from.identity),
    signature: text(from, 'signature'),
  }
}

const READERS: { [T in ServerMessage['type']]: (from: Members) => Extract<ServerMessage, { type: T }> } = {
  welcome: (from) => ({
    type: 'welcome',
    protocol: text(from, 'protocol'),
    nonce: text(from, 'nonce'),
    minimumSdk: text(from, 'minimumSdk'),
  }),
  start: (from) => {
    const kem = object(from.kem, 'kem')
    const capture = object(from.capture, 'capture')
    return {
      type: 'start',
      sessionId: text(from, 'sessionId'),
      challengeId: text(from, 'challengeId'),
      attempt: number(from, 'attempt', 1, 1000),
      attemptsLeft: number(from, 'attemptsLeft', 0, 1000),
      kem: {
        kid: text(kem, 'kid'),
        publicKey: text(kem, 'publicKey'),
        day: parseDayKey(kem.day),
        signature: text(kem, 'signature'),
      },
      capture: {
        width: number(capture, 'width', 64, 4096),
        height: number(capture, 'height', 64, 4096),
        framesPerSecond: number(capture, 'framesPerSecond', 0.1, 60),
        inFlight: number(capture, 'inFlight', 1, 64),
        quality: number(capture, 'quality', 0, 1),
        maxFrameBytes: number(capture, 'maxFrameBytes', 1024, 16_777_216),
      },
      steps: number(from, 'steps', 1, 100),
      challengeVersion: oneOf(from, 'challengeVersion', [CHALLENGE_VERSION]),
      ...(from.colours === true ? { colours: true } : {}),
    }
  },
  step: (from) => ({
    type: 'step',
    index: number(from, 'index', 0, 1000),
    step: parseStep(from.step),
    limitMs: number(from, 'limitMs', 0, 600_000),
    framesPerSecond: number(from, 'framesPerSecond', 0.1, 60),
  }),
  cue: (from) => ({
    type: 'cue',
    step: number(from, 'step', 0, 1000),
    index: number(from, 'index', 0, 1000),
    ...parseCue(from),
  }),
  guide: (from) => ({
    type: 'guide',
    frame: number(from, 'frame', 0, Number.MAX_SAFE_INTEGER),
    hint: oneOf(from, 'hint', GUIDANCE),
    progress: number(from, 'progress', 0, 1),
  }),
  finish: (from) => ({
    type: 'finish',
    ...(from.passkey === undefined ? {} : { passkey: parsePasskey(from.passkey) }),
  }),
  outcome: (from) => ({
    type: 'outcome',
    outcome: oneOf(from, 'outcome', OUTCOMES),
    attemptsLeft: number(from, 'attemptsLeft', 0, 1000),
    ...(from.hint === undefined ? {} : { hint: oneOf(from, 'hint', GUIDANCE) }),
  }),
  error: (from) => ({ type: 'error', code: oneOf(from, 'code', Object.keys(ERRORS) as ErrorCode[]) }),
}

/** @throws IpseError `unsupported_version` for anything that is not a message of this protocol */
export function parseServerMessage(data: unknown): ServerMessage {
  if (typeof data !== 'string') throw refuse('not text')
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw refuse('not JSON')
  }
  const from = object(value, 'not an object')
  const type = oneOf(from, 'type', Object.keys(READERS) as ServerMessage['type'][])
  return READERS[type](from)
}
