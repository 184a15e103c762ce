/** What a policy that shows colours demands of them, whatever it says itself: the worst rule decides. */
import type { Policy, Rule } from '@ipse/protocol'
import { COLOUR_LIGHT_RULES } from '../signals/rules.ts'

export function colourLightRules({ challenge }: Pick<Policy, 'challenge'>): readonly Rule[] {
  return challenge.colourLight ? COLOUR_LIGHT_RULES : []
}
