/** Closed lists of the decision path: signals, decisions and reasons, each with its meaning (principle 8). */

/** Signals that the server assesses. All rise with "more bona fide" or "more similar". */
export const SIGNALS = {
  'challenge-response':
    'Share of challenge steps that were answered in order and in time; with wrong turns, minus their number.',
  'challenge-pace':
    'Shortest time between a step and the begin of its answer, in milliseconds; people need 150.',
  'single-face': 'Share of frames that show exactly one face.',
  'identity-continuity':
    'Smallest distance, over the pose bins, to the limit at which faces of one capture differ.',
  'frame-freshness': 'Share of frames that do not repeat the frame before them.',
  'capture-variety': 'Smallest difference between frames that lie apart in time; a loop repeats itself.',
  'capture-novelty':
    '1 − the most segments of its motion that any earlier session has too, over 12; 0 for one and the same picture.',
  'frame-cadence': 'Agreement of the capture times that the device states with the times of arrival.',
  'capture-device':
    '1 when nothing speaks for a virtual camera; 0 when track, label, settings or another account than an attempt before do.',
  visibility:
    'How open eyes and lower face are to view, in shares of what dark glasses and coloured masks leave; 1 is uncovered.',
  'capture-quality': 'Unified quality of the frames used for comparison, 0 to 100.',
  'camera-constraint':
    'Share of the demands on size and rate of pictures that the camera met when asked in mid-capture.',
  'motion-naturalness':
    'How far the turns are from constant speed and from jumps: 1 at the limits that people keep.',
  planarity:
    'Shape that the face shows in its turns as a share of what is asked; a print or a display that turns reads below ⅔.',
  'co-motion':
    '1 − the share of the surround that turns with the face; a waved print takes its surround along.',
  'track-unbroken': 'Share of the turns in which one and the same face was followed to the end.',
  puppet:
    'Score of a face against a photograph warped in three dimensions; a hint for review, never a rejection by itself.',
  'weak-signs':
    'Logarithm of the odds for a person against a moved photograph, from weak signs together; below 0 the photograph is likelier.',
  moire:
    '6 − the prominence of the strongest line in the spectrum; below 0 a display close to the camera is likely.',
  'sensor-noise':
    'Largest share of blocks that changed between neighbouring frames; a sensor is never silent.',
  'resolution-truth':
    'Finest against middle detail, logarithm; an enlarged picture lacks the finest. Reported.',
  'double-compression':
    '1 − the trace of a JPEG coding before the device’s own; cameras that deliver JPEG leave one too. Reported.',
  'surface-colour': 'Spread of the skin’s red, of 255. Differs with every camera: reported.',
  'colours-shown': '1 when the screen showed its colours, 0 when the person declined them.',
  'colour-light':
    'Agreement of the face’s change of colour with the colours that the screen showed, −1 to 1.',
  'colour-relief':
    '1 − the answer of the surround or of the cheekbones, whichever is less, as a share of the face’s; a flat relighting reads 0.',
  distance:
    'Change of perspective when the face came nearer, as a share of what a head’s depth makes. Reported: simulated only.',
  'micro-motion':
    'Movement while keeping still: 1 at the limits of a frozen picture and of a trembling one. Reported.',
  pulse:
    'Heartbeat in the colour of the skin, peak against the rest in decibels. Reported, from six quiet seconds on.',
  halftone:
    '6 − the prominence of crossed lines in the spectrum, as the dots of a print make them. Reported.',
  specular: 'Share of the face that mirrors light. Differs with every camera: reported.',
  blink: 'How far the eyes closed by themselves, as a share. Reported: its absence proves nothing.',
  texture:
    'Mean of one PAD network over the frontal frames. The shipped networks must not gate; an operator’s may.',
  attestation:
    'How far the device proved itself over this capture’s transcript: 1 valid, 2 strong; 0 when its proof was refused or it reports itself compromised.',
  match: 'Comparison score between the capture and the reference.',
} as const
export type SignalName = keyof typeof SIGNALS
export const SIGNAL_NAMES = Object.keys(SIGNALS) as SignalName[]

export const DECISIONS = {
  accept: 'All evidence that the policy asks for is there and good enough.',
  reject: 'Evidence speaks against a bona fide capture or against a match.',
  retry: 'The evidence is not enough to decide; nothing speaks for an attack.',
  review: 'A person should look at it.',
} as const
export type Decision = keyof typeof DECISIONS

/** How a piece of evidence stood against one demand. */
export const VERDICTS = {
  pass: 'It was assessed and met the demand.',
  fail: 'It was assessed and did not meet the demand.',
  insufficient: 'It could not be assessed, so the demand counts as unmet.',
  reported: 'The policy makes no demand on it.',
} as const
export type Verdict = keyof typeof VERDICTS

/** What a demand can do at most when it is not met; the worst unmet demand is the decision. */
export const EVIDENCE_WEIGHTS = {
  decisive: 'Rejects by itself.',
  hint: 'Sends the session to a person for review.',
  step: 'Asks for another attempt.',
  none: 'Is reported and changes nothing.',
} as const
export type EvidenceWeight = keyof typeof EVIDENCE_WEIGHTS

/** Why a decision is not `accept`. For the relying party and reviewers, never for the capture device. */
export const REASONS = {
  challenge_not_answered: 'A step of the challenge was not answered in time.',
  challenge_wrong_answer: 'The head moved in another direction than the one asked for.',
  challenge_too_fast: 'A step was answered faster than people can react.',
  several_faces: 'More than one face was in the picture.',
  identity_changed: 'The face changed during the capture.',
  frames_repeated: 'Frames repeat each other: a frozen or replayed stream.',
  capture_looped: 'The capture repeats itself: a looped recording.',
  capture_replayed: 'The capture, or a part of it, was seen in an earlier session.',
  cadence_implausible: 'The capture times do not fit the times of arrival.',
  virtual_camera: 'The camera is, or looks like, a virtual one.',
  face_covered: 'Dark glasses or a mask cover the face.',
  quality_too_low: 'The frames are not good enough for a comparison.',
  face_mismatch: 'The face is not that of the reference.',
  evidence_missing: 'A signal that the policy asks for could not be assessed.',
  texture_suspicious: 'A texture network that the policy trusts sees an attack instrument.',
  flat_surface: 'What turned shows too little shape for a head: a print or a display.',
  track_broken: 'The face could not be followed through its turns: too fast, hidden, or exchanged.',
  puppet_suspected: 'The face turns like a photograph that is warped by software.',
  weak_signs: 'Signs that are weak alone speak together for a photograph that is moved by software.',
  display_suspected: 'The picture has the lines of a display or a print.',
  colours_declined: 'The person did not want the screen to change its colours.',
  light_not_answered: 'The face did not change its colour as light from the screen would make it.',
  noise_implausible: 'Most of the picture does not change at all, as no sensor does.',
  attestation_insufficient: 'The device did not prove itself to the level asked for.',
  attestation_refused: 'The device’s attestation does not hold for this capture.',
  device_compromised: 'The device itself reports root, jailbreak, hooks, a debugger or an emulator.',
  capture_incomplete: 'The capture ended before all steps were done.',
  attempts_exhausted: 'No attempt is left.',
} as const
export type Reason = keyof typeof REASONS

/** What the capture device is told. Nothing finer: it would be an oracle. */
export const OUTCOMES = ['pass', 'retry', 'fail'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What may be suspected in mid-capture; a policy says which of these add a step. */
export const SUSPICIONS = {
  'virtual-camera': 'Track, label or settings speak for a virtual camera.',
  'repeated-frames': 'Some frame repeats another one.',
  'perfect-tempo': 'Pictures or answers come more evenly than cameras or people manage.',
  'turn-unseen':
    'No turn to the side could be followed closely enough to show depth; often just a slow machine.',
  'constraint-ignored': 'The camera did not deliver the size that it was asked for.',
} as const
export type Suspicion = keyof typeof SUSPICIONS

/** How far a device proved what it is, over the transcript of the very capture. Rises. */
export const ATTESTATION_LEVELS = {
  none: 'Nothing, or nothing that holds.',
  valid:
    'A registered authenticator of the person, an app in Apple’s development environment, or an Android device with integrity.',
  strong: 'An app in Apple’s production environment, or an Android device with hardware-backed integrity.',
} as const
export type AttestationLevel = keyof typeof ATTESTATION_LEVELS

/** What a mobile app says against its own device. Absence proves nothing: it can only lower. */
export const DEVICE_SIGNS = {
  root: 'The device is rooted.',
  jailbreak: 'The device is jailbroken.',
  hook: 'Functions of the app are hooked.',
  debugger: 'A debugger is attached.',
  emulator: 'The app runs in an emulator.',
} as const
export type DeviceSign = keyof typeof DEVICE_SIGNS

/** How far the liveness evidence of a receipt goes. */
export const ASSURANCE_LEVELS = {
  none: 'No liveness evidence.',
  passive: 'One person kept still in front of the camera; nothing was asked that a recording could not show.',
  'active-reduced': 'A challenge with small movements and more time, for accessibility; easier to guess.',
  'active-geometry': 'Interactive challenge, geometry and capture integrity; no PAD network gates.',
  'active+attested':
    'As `active-geometry`, and the device proved itself over the transcript of the capture (attestation valid or strong).',
  'active+pad-model':
    'As `active-geometry`, and every PAD network of the operator passed at its own operating point (APCER 10 % at most).',
  'active+pad-model+attested':
    'As `active+pad-model`, and the device proved itself as for `active+attested`.',
} as const
export type AssuranceLevel = keyof typeof ASSURANCE_LEVELS
