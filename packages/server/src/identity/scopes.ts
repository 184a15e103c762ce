/** What a caller may do. Nothing is allowed unless a scope says so; there is no wildcard, and no scope holds another. */
export const SCOPES = {
  'session:create': 'Create sessions.',
  'session:read': 'Read sessions, their evidence and receipts.',
  'session:cancel': 'Cancel sessions.',
  'face:verify': 'Compare two faces without a session.',
  'face:detect': 'Find faces in an image.',
  'face:enrol': 'Enrol a subject from a photograph.',
  'subject:read': 'Read and export what is held about a subject.',
  'subject:delete': 'Erase a subject.',
  'consent:manage': 'Record and withdraw consents.',
  'privacy:manage': 'Read the retention report; read and change retention and approvals.',
  'approval:decide': 'Agree, as a second person, to what somebody else asked for; people only.',
  'media:read':
    'See pictures of a capture, and take them into an export, where they are kept; every look is written to the audit trail.',
  'review:read': 'Read the review queue.',
  'review:decide': 'Decide a review.',
  'audit:read': 'Read the audit trail and its proofs.',
  'key:rotate': 'Rotate the own API key; people any key whose scopes they have.',
  'key:read': 'List the API keys of the tenant, without their secrets.',
  'key:manage':
    'Make and revoke API keys of the tenant; people only, and with no scope that they lack themselves.',
  'people:read': 'List the people who run Ipse for the tenant.',
  'people:manage': 'Invite and disable people; people only.',
  'policy:read': 'Read policy versions, and what candidates decided.',
  'policy:write': 'Publish policies, promote them and take them back.',
  'device:reset': 'Lift the lock-out of a device or a subject.',
  'abuse:report': 'Read the abuse report of a session.',
  'metrics:read': 'Read metrics.',
} as const
export type Scope = keyof typeof SCOPES
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[]

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text)
}
