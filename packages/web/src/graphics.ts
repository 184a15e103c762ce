/**
 * The drawings: oval with progress ring, arrow beside it, the small head, marks for outcomes. SVG with presentation
 * attributes and classes only: no inline style, so the strictest content security policy holds.
 */
import type { DotPlace } from '@ipse/protocol'
import { html, nothing, svg, type TemplateResult } from 'lit'
import type { Gesture, Side } from './challenge/kind.ts'

/** Stage in user units; styles.ts repeats the aspect ratio. */
export const STAGE = { width: 400, height: 440 } as const
const OVAL = { cx: 200, cy: 220, rx: 132, ry: 168 } as const
const RING_GAP = 9

/** An ellipse as a path that begins at the top and runs clockwise. */
function ovalPath(grow: number): string {
  const { cx, cy } = OVAL
  const [rx, ry] = [OVAL.rx + grow, OVAL.ry + grow]
  return `M${cx} ${cy - ry}A${rx} ${ry} 0 0 1 ${cx} ${cy + ry}A${rx} ${ry} 0 0 1 ${cx} ${cy - ry}Z`
}

const MASK = `M0 0H${STAGE.width}V${STAGE.height}H0Z${ovalPath(0)}`
const RING = ovalPath(RING_GAP)

/** Chevrons point up here; the class turns and places them. */
const CHEVRONS = svg`<path d="M-13 9 0 -4 13 9" /><path d="M-13 -3 0 -16 13 -3" />`
const PLACES: Readonly<Record<Side, string>> = {
  left: 'translate(26 220) rotate(-90)',
  right: 'translate(374 220) rotate(90)',
  up: 'translate(200 20)',
  down: 'translate(200 420) rotate(180)',
}

export interface RingState {
  /** [0, 1], or undefined for a ring that turns while something is awaited. */
  readonly progress: number | undefined
  readonly side: Side | undefined
  readonly dot: DotPlace | undefined
  /** The last hint was "well done". */
  readonly good: boolean
}

/** What lies over the camera picture. */
export function stageOverlay({ progress, side, dot, good }: RingState): TemplateResult {
  const share = progress === undefined ? 0.22 : Math.min(1, Math.max(0, progress))
  return html`<svg class="overlay" viewBox="0 0 ${STAGE.width} ${STAGE.height}" aria-hidden="true" focusable="false">
    <path class="mask" fill-rule="evenodd" d=${MASK} />
    <path class="track" d=${RING} />
    <path
      class="ring ${progress === undefined ? 'waiting' : ''} ${good ? 'good' : ''}"
      d=${RING}
      pathLength="100"
      stroke-dasharray="100"
      stroke-dashoffset=${(100 * (1 - share)).toFixed(1)}
    />
    ${dot ? dotAt(dot) : nothing}
    ${side ? svg`<g transform=${PLACES[side]}><g class="chevrons">${CHEVRONS}</g></g>` : nothing}
  </svg>`
}

/** How far from the oval's middle the dot goes, as a share of its half axes. */
const DOT_REACH = 0.82

/** Attributes that style sheets can ease, so the dot glides from cue to cue. */
function dotAt({ x, y }: DotPlace): TemplateResult {
  const cx = (OVAL.cx + x * DOT_REACH * OVAL.rx).toFixed(1)
  const cy = (OVAL.cy - y * DOT_REACH * OVAL.ry).toFixed(1)
  return svg`<g class="dot"><circle class="halo" cx=${cx} cy=${cy} r="21" /><circle cx=${cx} cy=${cy} r="11" /></g>`
}

/** A small head that shows the movement, as in a mirror. */
export function head(gesture: Gesture | undefined): TemplateResult {
  return html`<svg class="head ${gesture ?? 'straight'}" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
    <ellipse class="skull" cx="32" cy="32" rx="19" ry="24" />
    <g class="features">
      <circle class="eye" cx="25" cy="28" r="2.4" />
      <circle class="eye" cx="39" cy="28" r="2.4" />
      ${
        gesture === 'mouth-open'
          ? svg`<path d="M32 28v6h-2.4" /><ellipse class="mouth" cx="32" cy="44" rx="5.4" ry="5" />`
          : svg`<path d="M32 29v8h-2.6M26.5 43.5q5.5 4 11 0" />`
      }
    </g>
  </svg>`
}

export type Mark = 'pass' | 'retry' | 'fail' | 'problem'

const MARKS: Readonly<Record<Mark, TemplateResult>> = {
  pass: svg`<path d="M30 51l14 14 27-30" pathLength="100" />`,
  retry: svg`<path d="M68 40a21 21 0 1 0 2 17M70 27v14H56" pathLength="100" />`,
  fail: svg`<path d="M36 36l28 28M64 36 36 64" pathLength="100" />`,
  problem: svg`<path d="M50 28v27" pathLength="100" /><circle cx="50" cy="69" r="1.6" />`,
}

export function mark(kind: Mark): TemplateResult {
  return html`<svg class="mark ${kind}" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
    <circle class="disc" cx="50" cy="50" r="46" />
    <g class="stroke">${MARKS[kind]}</g>
  </svg>`
}

const ICONS = {
  light: svg`<circle cx="12" cy="12" r="4.2" /><path d="M12 2.5v2.4M12 19.1v2.4M2.5 12h2.4M19.1 12h2.4M5.3 5.3 7 7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7" />`,
  follow: svg`<ellipse cx="12" cy="12" rx="5" ry="6.6" /><path d="M4.6 9 2 12l2.6 3M19.4 9 22 12l-2.6 3" />`,
  time: svg`<circle cx="12" cy="12" r="8.8" /><path d="M12 7.2V12l3.2 2.2" />`,
} as const

export function icon(name: keyof typeof ICONS): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${ICONS[name]}</svg>`
}
