/** What a policy that shows colours demands of them, so that no such policy can forget it. */
import type { Policy, Rule } from '@ipse/protocol'
import { COLOUR_LIGHT_RULES } from '../signals/rules.ts'

/** The demands that the policy does not make by itself. */
export function colourLightRules({ challenge, rules }: Policy): readonly Rule[] {
  if (!challenge.colourLight) return []
  return COLOUR_LIGHT_RULES.filter(({ signal }) => !rules.some((rule) => rule.signal === signal))
}
