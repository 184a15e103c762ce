/**
 * Roles of the people who run Ipse: sets of scopes, within one tenant. Deny by default: what a role does not name it has
 * not. A person with several roles has the scopes of all of them.
 */
import { SCOPE_NAMES, type Scope } from './scopes.ts'

interface RoleRow {
  readonly meaning: string
  readonly scopes: readonly Scope[]
}

export const ROLES = {
  owner: { meaning: 'Everything; alone may invite and disable people.', scopes: SCOPE_NAMES },
  operator: {
    meaning:
      'Runs the service: API keys, policies, lock-outs. Decides no review, reads and erases no subject.',
    scopes: [
      'session:create',
      'session:read',
      'session:cancel',
      'face:verify',
      'face:detect',
      'face:enrol',
      'key:read',
      'key:manage',
      'key:rotate',
      'policy:read',
      'policy:write',
      'device:reset',
      'metrics:read',
    ],
  },
  reviewer: {
    meaning: 'Decides reviews, and sees what they are about.',
    scopes: ['session:read', 'review:read', 'review:decide', 'media:read', 'abuse:report'],
  },
  auditor: {
    meaning: 'Reads what was done and by whom; changes nothing, sees no picture.',
    scopes: [
      'session:read',
      'review:read',
      'audit:read',
      'abuse:report',
      'key:read',
      'policy:read',
      'people:read',
      'metrics:read',
    ],
  },
  'privacy-officer': {
    meaning: 'Exports and erases what is held about a subject; keeps consents and the rules of retention.',
    scopes: [
      'subject:read',
      'subject:delete',
      'consent:manage',
      'privacy:manage',
      'approval:decide',
      'audit:read',
    ],
  },
} as const satisfies Readonly<Record<string, RoleRow>>
export type Role = keyof typeof ROLES
export const ROLE_NAMES = Object.keys(ROLES) as Role[]

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text)
}

/** Scopes of all the roles together. A name that is no role of ours gives nothing. */
export function scopesOfRoles(roles: readonly string[]): readonly Scope[] {
  const granted = new Set<Scope>(roles.filter(isRole).flatMap((role): readonly Scope[] => ROLES[role].scopes))
  return SCOPE_NAMES.filter((scope) => granted.has(scope))
}
