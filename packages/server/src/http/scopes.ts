/** What an API key may do. Nothing is allowed unless a scope says so. */
export const SCOPES = {
  'session:create': 'Create sessions.',
  'session:read': 'Read sessions, their evidence and receipts.',
  'session:cancel': 'Cancel sessions.',
  'face:verify': 'Compare two faces without a session.',
  'face:detect': 'Find faces in an image.',
  'face:enrol': 'Enrol a subject from a photograph.',
  'subject:read': 'Read and export what is held about a subject.',
  'subject:delete': 'Erase a subject.',
} as const
export type Scope = keyof typeof SCOPES
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[]

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text)
}
