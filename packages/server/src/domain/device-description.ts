/**
 * What a device says about itself, so coarsely that thousands say the same: enough to see that another one has come in its
 * place, too little to know one again. The page that holds a session's key is not loaded anew between attempts, so nothing
 * of this changes on an honest device, save by another screen, a fold or a touch screen that is plugged in.
 */
import type { CaptureFacts, Json } from '@ipse/protocol'

/** Short side of a screen below which it is a telephone's, CSS pixels; the smallest tablets and laptops have 600. */
const PHONE_BELOW_PX = 600

/** Engines by what user agents call them; every Chromium also names Safari. */
const ENGINES = [
  ['gecko', /Firefox\/(\d+)/],
  ['chromium', /Chrome\/(\d+)/],
  ['webkit', /Version\/(\d+).*Safari\//],
] as const

/** Platform, browser engine and major version, class of the screen's size, touch points, number of languages; null: not said. */
export function describeDevice({
  platform,
  userAgent,
  screen,
  touchPoints,
  languages,
}: CaptureFacts): readonly Json[] {
  return [
    platform ?? null,
    userAgent === undefined ? null : browserOf(userAgent),
    screen === undefined ? null : Math.min(screen.width, screen.height) < PHONE_BELOW_PX ? 'phone' : 'larger',
    touchPoints ?? null,
    languages ?? null,
  ]
}

function browserOf(userAgent: string): string {
  for (const [engine, version] of ENGINES) {
    const major = version.exec(userAgent)?.[1]
    if (major !== undefined) return `${engine} ${major}`
  }
  return 'another'
}
