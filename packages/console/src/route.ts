/**
 * Which screen the address asks for: `#/reviews` or `#/reviews/rev_…`. Only our own random ids stand in it, never a subject:
 * addresses stay in the browser's history.
 */

export const SCREENS = [
  'overview',
  'reviews',
  'sessions',
  'lockouts',
  'privacy',
  'audit',
  'keys',
  'people',
] as const
export type ScreenName = (typeof SCREENS)[number]

export interface Route {
  readonly screen: ScreenName
  /** Id of the one review or session that is shown. */
  readonly item?: string
}

/** What is not an address of ours leads to the overview. */
export function parseRoute(hash: string): Route {
  const [, name, item, ...more] = hash.replace(/^#/, '').split('/')
  const screen = SCREENS.find((known) => known === name)
  if (screen === undefined || more.length > 0) return { screen: 'overview' }
  return item !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(item) ? { screen, item } : { screen }
}

export function hrefOf({ screen, item }: Route): string {
  return item === undefined ? `#/${screen}` : `#/${screen}/${item}`
}
