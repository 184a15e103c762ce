/**
 * The glossary: the field's words as the code uses them (principle 9). docs/reference/glossary.md is made from it.
 * Standards: ISO/IEC 2382-37 (vocabulary), 30107-1/-3 (PAD), 29794-5 (face quality), 19795-1 (testing),
 * CEN/TS 18099 (injection).
 */
export interface GlossaryEntry {
  readonly meaning: string
  readonly standard: string
}

export const GLOSSARY = {
  'assurance level': { meaning: 'How far the liveness evidence of a receipt goes.', standard: 'Ipse' },
  'bona fide': { meaning: 'Not an attack (not “real”, “live” or “genuine”).', standard: 'ISO/IEC 30107-1' },
  'capture device': {
    meaning: 'The browser or app with its camera; never trusted.',
    standard: 'ISO/IEC 2382-37',
  },
  'capture subject': { meaning: 'The person in front of the camera.', standard: 'ISO/IEC 2382-37' },
  'comparison decision': { meaning: '“match” or “non-match” at a threshold.', standard: 'ISO/IEC 2382-37' },
  'comparison score': {
    meaning: 'Number from a comparison; never confidence, accuracy or match percentage.',
    standard: 'ISO/IEC 2382-37',
  },
  'data subject': { meaning: 'The person a stored reference belongs to.', standard: 'ISO/IEC 2382-37' },
  enrolment: { meaning: 'Making and storing a reference.', standard: 'ISO/IEC 2382-37' },
  'failure to assess': {
    meaning: 'A measurement that could not be made, with its reason; never a number.',
    standard: 'ISO/IEC 29794-5',
  },
  FMR: {
    meaning: 'False match rate: share of non-mated comparisons at or above the threshold.',
    standard: 'ISO/IEC 19795-1',
  },
  FNMR: {
    meaning: 'False non-match rate: share of mated comparisons below the threshold.',
    standard: 'ISO/IEC 19795-1',
  },
  FTA: {
    meaning: 'Failure-to-acquire rate: share of samples from which no template could be made.',
    standard: 'ISO/IEC 19795-1',
  },
  'injection attack': {
    meaning: 'Data placed after the sensor: a virtual camera, a patched interface, a scripted client.',
    standard: 'CEN/TS 18099',
  },
  mated: {
    meaning: 'Two samples of the same data subject; non-mated: of different ones.',
    standard: 'ISO/IEC 19795-1',
  },
  measurement: {
    meaning: 'A quantity that was assessed, or a failure to assess; made before anything is decided.',
    standard: 'Ipse',
  },
  'operating point': {
    meaning: 'A threshold with the error rate, data and date it was measured at; belongs to a model.',
    standard: 'ISO/IEC 19795-1',
  },
  PAD: {
    meaning: 'Presentation attack detection; “liveness” is the word towards people.',
    standard: 'ISO/IEC 30107-1',
  },
  'presentation attack': {
    meaning: 'A presentation to the camera meant to interfere: a print, a screen, a mask.',
    standard: 'ISO/IEC 30107-1',
  },
  probe: {
    meaning: 'The sample or template that is compared against a reference.',
    standard: 'ISO/IEC 2382-37',
  },
  'quality component': {
    meaning: 'One aspect of a face image’s quality, native value and 0 to 100.',
    standard: 'ISO/IEC 29794-5',
  },
  receipt: { meaning: 'What Ipse signs about a finished session; verified offline.', standard: 'Ipse' },
  reference: { meaning: 'Stored template attributed to a data subject.', standard: 'ISO/IEC 2382-37' },
  'relying party': {
    meaning: 'The backend that asks for a session and trusts its receipt.',
    standard: 'NIST SP 800-63',
  },
  sample: { meaning: 'An image or a clip before feature extraction.', standard: 'ISO/IEC 2382-37' },
  signal: { meaning: 'A measurement that a policy may make demands on.', standard: 'Ipse' },
  template: {
    meaning: 'The features of a face that are compared; treated as a face image.',
    standard: 'ISO/IEC 2382-37',
  },
  transcript: { meaning: 'The hash chain over every record of a capture; T is its end.', standard: 'Ipse' },
  verification: {
    meaning: 'One-to-one: is this the data subject it claims to be?',
    standard: 'ISO/IEC 2382-37',
  },
} as const satisfies Record<string, GlossaryEntry>
