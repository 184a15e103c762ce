/**
 * Retention as data: which kind of data ends how long after which moment. One pure function says what is due; the sweeper
 * deletes it and the report shows it, so neither can know more than the other.
 */
import type { RetentionPreset, RetentionRule, TenantRules } from '@ipse/protocol'

const DAY_MS = 86_400_000

/** Kinds of data about a person that end by a rule. What has an end of its own (tokens, allowances) needs none. */
export type SweptKind = 'session' | 'reference' | 'consent' | 'review' | 'authenticator' | 'pseudonym'

export const MOMENTS = {
  creation: 'it was created',
  'last-use': 'it was used last',
  'consent-withdrawn': 'its consent was withdrawn',
  'purpose-end': 'its purpose ended',
  over: 'it ended, or was recorded where it never ended',
} as const satisfies Readonly<Record<string, string>>
export type Moment = keyof typeof MOMENTS

interface RuleRow {
  readonly kind: SweptKind
  readonly from: Moment
  /** What ends, as a sentence goes on: “a template …”. */
  readonly what: string
  /** Days; where it is a setting of the installation, its name. */
  readonly days: Readonly<Record<RetentionPreset, number>> | 'retention.sessionDays'
}

/**
 * Several rules of one kind: the first that is due counts. Where the law names no number, the number is ours and a tenant may
 * choose another one.
 */
export const RETENTION_RULES: Readonly<Record<RetentionRule, RuleRow>> = {
  session: {
    kind: 'session',
    from: 'creation',
    what: 'a finished session with its decision, evidence, receipt and traces',
    days: 'retention.sessionDays',
  },
  'reference-unused': {
    kind: 'reference',
    from: 'last-use',
    what: 'a template',
    days: { gdpr: 365, bipa: 3 * 365 },
  },
  'reference-withdrawn': {
    kind: 'reference',
    from: 'consent-withdrawn',
    what: 'a template',
    days: { gdpr: 0, bipa: 0 },
  },
  'reference-purpose-ended': {
    kind: 'reference',
    from: 'purpose-end',
    what: 'a template',
    days: { gdpr: 0, bipa: 0 },
  },
  consent: {
    kind: 'consent',
    from: 'over',
    what: 'a consent that nothing stored rests on any more',
    days: { gdpr: 3 * 365, bipa: 5 * 365 },
  },
  review: {
    kind: 'review',
    from: 'creation',
    what: 'a review that was decided',
    days: { gdpr: 90, bipa: 90 },
  },
  authenticator: {
    kind: 'authenticator',
    from: 'creation',
    what: "the public key of a person's authenticator",
    days: { gdpr: 2 * 365, bipa: 3 * 365 },
  },
  pseudonym: {
    kind: 'pseudonym',
    from: 'creation',
    what: 'what leads from a person to entries of the audit log',
    days: { gdpr: 3 * 365, bipa: 5 * 365 },
  },
}
export const RETENTION_RULE_NAMES = Object.keys(RETENTION_RULES) as RetentionRule[]

/** What a preset stands on. */
export const PRESETS: Readonly<Record<RetentionPreset, { readonly law: string; readonly source: string }>> = {
  gdpr: {
    law: 'No longer than necessary. A template a year unused is not; of a withdrawn consent nothing is left at once; proof of consent three years, as long as most claims last.',
    source:
      'Regulation (EU) 2016/679 art. 5(1)(c) and (e), 7(1) and (3), 9(2)(a), 17(1)(b) and (3)(e); § 195 BGB',
  },
  bipa: {
    law: 'Biometric identifiers end with their purpose or three years after the last interaction, whichever is first; proof of the written release five years, as long as claims last.',
    source: '740 ILCS 14/15(a) and (b); Tims v. Black Horse Carriers, 2023 IL 127801; 735 ILCS 5/13-205',
  },
}

/** How many days each rule gives, of one tenant. */
export type RetentionDays = Readonly<Record<RetentionRule, number>>

export function retentionDays(
  { preset, days }: Pick<TenantRules, 'preset' | 'days'>,
  sessionDays: number,
): RetentionDays {
  const daysOf = (name: RetentionRule) => {
    const { days: given } = RETENTION_RULES[name]
    return days[name] ?? (typeof given === 'string' ? sessionDays : given[preset])
  }
  return Object.fromEntries(RETENTION_RULE_NAMES.map((name) => [name, daysOf(name)])) as RetentionDays
}

/** Everything of a kind whose moment lies before `before` ends now. */
export interface Due {
  readonly rule: RetentionRule
  readonly kind: SweptKind
  readonly from: Moment
  /** Milliseconds since the epoch. */
  readonly before: number
  readonly days: number
}

/** What is due at a moment: by every rule, in their order. */
export function dueAt(days: RetentionDays, now: number): readonly Due[] {
  return RETENTION_RULE_NAMES.map((rule) => {
    const { kind, from } = RETENTION_RULES[rule]
    // Nought days: at once, so what happened this very millisecond is due too.
    return {
      rule,
      kind,
      from,
      days: days[rule],
      before: now - days[rule] * DAY_MS + (days[rule] === 0 ? 1 : 0),
    }
  })
}

/** Why something is due, for the report. */
export function whyDue({ rule, from, days }: Due): string {
  const { what } = RETENTION_RULES[rule]
  const time = days === 0 ? 'ends at once when' : `ends ${days} days after`
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} ${time} ${MOMENTS[from]}.`
}
