/**
 * The look. A constructable style sheet: no inline style, no <style> element. Pages restyle through the custom properties
 * below and through parts. Colours follow the page's own `color-scheme`.
 */
import { css } from 'lit'

export const styles = css`
  :host {
    --_accent: var(--ipse-accent, #1f5fd6);
    --_on-accent: var(--ipse-on-accent, #ffffff);
    --_surface: var(--ipse-surface, #ffffff);
    --_text: var(--ipse-text, #14181f);
    --_muted: var(--ipse-muted, #55606e);
    --_line: var(--ipse-line, #dfe4ea);
    --_good: var(--ipse-good, #12784a);
    --_bad: var(--ipse-bad, #b3261e);
    --_radius: var(--ipse-radius, 20px);
    display: block;
    max-inline-size: 26rem;
    margin-inline: auto;
    font-family: var(--ipse-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    font-size: 1rem;
    line-height: 1.45;
    color: var(--_text);
  }
  @supports (color: light-dark(black, white)) {
    :host {
      --_accent: var(--ipse-accent, light-dark(#1f5fd6, #8ab4ff));
      --_on-accent: var(--ipse-on-accent, light-dark(#ffffff, #0b1730));
      --_surface: var(--ipse-surface, light-dark(#ffffff, #171b22));
      --_text: var(--ipse-text, light-dark(#14181f, #eef1f5));
      --_muted: var(--ipse-muted, light-dark(#55606e, #a5b0be));
      --_line: var(--ipse-line, light-dark(#dfe4ea, #333c48));
      --_good: var(--ipse-good, light-dark(#12784a, #6fdca4));
      --_bad: var(--ipse-bad, light-dark(#b3261e, #ff9d94));
    }
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  * {
    box-sizing: border-box;
    margin: 0;
  }
  .frame {
    position: relative;
    overflow: hidden;
    padding: 1.75rem;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }
  .frame:is(.permission, .connecting, .capture, .checking) {
    padding: 1.25rem 1.25rem 1rem;
  }
  .badge {
    inline-size: fit-content;
    margin: 0 auto 0.75rem;
    padding: 0.1rem 0.7rem;
    border: 1px solid currentColor;
    border-radius: 99px;
    font-size: 0.8125rem;
    color: var(--_bad);
  }
  .heading {
    font-size: 1.375rem;
    font-weight: 650;
    line-height: 1.25;
    letter-spacing: -0.01em;
    text-wrap: balance;
    outline: none;
  }
  .heading:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 4px;
    border-radius: 4px;
  }

  /* Intro */
  .intro {
    display: grid;
    gap: 1.25rem;
  }
  .hero {
    display: grid;
    place-items: center;
    padding-block: 0.5rem 0;
  }
  .hero .head {
    inline-size: 6rem;
    stroke-width: 2;
  }
  .hero .head .features {
    animation: look-round 6s ease-in-out infinite;
  }
  .intro .heading {
    text-align: center;
  }
  .expect {
    display: grid;
    gap: 0.85rem;
    padding: 0;
    list-style: none;
  }
  .expect li {
    display: grid;
    grid-template-columns: 1.5rem 1fr;
    gap: 0.85rem;
    align-items: start;
  }
  .icon {
    inline-size: 1.5rem;
    fill: none;
    stroke: var(--_accent);
    stroke-width: 1.7;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .consent {
    display: grid;
    gap: 0.75rem;
    padding: 1rem;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.6);
  }
  .consent-text {
    font-size: 0.9375rem;
    color: var(--_muted);
  }
  .agree {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.65rem;
    align-items: center;
    min-block-size: 2.75rem;
    font-weight: 600;
    cursor: pointer;
  }
  .agree input {
    inline-size: 1.35rem;
    block-size: 1.35rem;
    accent-color: var(--_accent);
  }

  /* Buttons */
  .buttons {
    display: grid;
    gap: 0.5rem;
  }
  button {
    min-block-size: 2.75rem;
    padding: 0.5rem 1.1rem;
    border: 1px solid transparent;
    border-radius: calc(var(--_radius) * 0.6);
    background: none;
    color: var(--_text);
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }
  button.primary {
    min-block-size: 3.125rem;
    background: var(--_accent);
    color: var(--_on-accent);
  }
  button.primary:hover:not(:disabled) {
    filter: brightness(1.08);
  }
  button.primary:disabled {
    background: var(--_line);
    color: var(--_muted);
    cursor: not-allowed;
  }
  button.quiet {
    color: var(--_muted);
  }
  button.quiet:hover {
    color: var(--_text);
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  button:focus-visible,
  input:focus-visible {
    outline: 3px solid var(--_accent);
    outline-offset: 2px;
  }

  /* Capture */
  .instruction {
    display: flex;
    gap: 0.75rem;
    align-items: center;
    justify-content: center;
    min-block-size: 4rem;
    text-align: center;
  }
  .instruction:has(.head) {
    text-align: start;
  }
  .instruction:has(.head) .heading {
    max-inline-size: 15ch;
  }
  .stage {
    position: relative;
    aspect-ratio: 400 / 440;
    max-block-size: 60vh;
    margin-inline: auto;
    overflow: hidden;
    isolation: isolate;
  }
  video {
    position: absolute;
    inset: 3px;
    inline-size: calc(100% - 6px);
    block-size: calc(100% - 6px);
    object-fit: cover;
    background: #0d1015;
    clip-path: ellipse(33.6% 38.8%);
  }
  .mirrored {
    transform: scaleX(-1);
  }
  .overlay {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    fill: none;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .mask {
    fill: var(--_surface);
  }
  .track {
    stroke: var(--_line);
    stroke-width: 7;
  }
  .ring {
    stroke: var(--_accent);
    stroke-width: 7;
    transition:
      stroke-dashoffset 0.25s ease-out,
      stroke 0.2s;
  }
  .ring.good {
    stroke: var(--_good);
  }
  .ring.waiting {
    stroke-dasharray: 22 78;
    animation: chase 1.6s linear infinite;
  }
  .chevrons {
    stroke: var(--_accent);
    stroke-width: 6;
    animation: nudge 0.9s ease-in-out infinite;
  }
  .chevrons path:last-child {
    opacity: 0.5;
  }
  .head {
    flex: none;
    inline-size: 3.5rem;
    fill: none;
    stroke: var(--_text);
    stroke-width: 2.6;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .head .features {
    stroke: var(--_accent);
  }
  .head circle {
    fill: var(--_accent);
    stroke: none;
  }
  .head.left .features {
    animation: look-left 1.6s ease-in-out infinite;
  }
  .head.right .features {
    animation: look-right 1.6s ease-in-out infinite;
  }
  .head.up .features {
    animation: look-up 1.6s ease-in-out infinite;
  }
  .head.down .features {
    animation: look-down 1.6s ease-in-out infinite;
  }
  .hint {
    min-block-size: 1.75rem;
    font-size: 1.0625rem;
    font-weight: 550;
    text-align: center;
    color: var(--_muted);
  }
  .hint.good {
    color: var(--_good);
  }
  .foot {
    display: flex;
    gap: 1rem;
    align-items: center;
    justify-content: space-between;
  }
  .dots {
    display: flex;
    gap: 0.4rem;
  }
  .dots i {
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 99px;
    background: var(--_line);
    transition:
      inline-size 0.2s,
      background 0.2s;
  }
  .dots .done {
    background: var(--_good);
  }
  .dots .now {
    inline-size: 1.25rem;
    background: var(--_accent);
  }

  /* Outcome and error */
  .settled {
    display: grid;
    gap: 0.75rem;
    justify-items: center;
    padding-block: 1rem 0.25rem;
    text-align: center;
  }
  .settled .buttons {
    inline-size: 100%;
    margin-block-start: 0.75rem;
  }
  .advice,
  .attempts {
    color: var(--_muted);
    text-wrap: balance;
  }
  .attempts {
    font-size: 0.875rem;
  }
  .settled .hint {
    color: var(--_text);
  }
  .mark {
    --_tone: var(--_accent);
    inline-size: 5.5rem;
    fill: none;
    stroke: var(--_tone);
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .mark.pass {
    --_tone: var(--_good);
  }
  .mark:is(.fail, .problem) {
    --_tone: var(--_bad);
  }
  .mark .disc {
    fill: var(--_tone);
    fill-opacity: 0.1;
    stroke: none;
  }
  .mark .stroke {
    stroke-width: 6;
    stroke-dasharray: 100;
    animation: draw 0.5s 0.1s ease-out backwards;
  }

  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @keyframes chase {
    from {
      stroke-dashoffset: 0;
    }
    to {
      stroke-dashoffset: -100;
    }
  }
  @keyframes nudge {
    50% {
      transform: translateY(-5px);
    }
  }
  @keyframes look-round {
    0%,
    25%,
    50%,
    75% {
      transform: none;
    }
    10%,
    18% {
      transform: translateX(-8px);
    }
    60%,
    68% {
      transform: translateX(8px);
    }
  }
  @keyframes look-left {
    35%,
    75% {
      transform: translateX(-9px);
    }
  }
  @keyframes look-right {
    35%,
    75% {
      transform: translateX(9px);
    }
  }
  @keyframes look-up {
    35%,
    75% {
      transform: translateY(-8px);
    }
  }
  @keyframes look-down {
    35%,
    75% {
      transform: translateY(8px);
    }
  }
  @keyframes draw {
    from {
      stroke-dashoffset: 100;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    .chevrons,
    .head .features,
    .mark .stroke,
    .ring {
      animation: none !important;
      transition: none !important;
    }
    .head.left .features {
      transform: translateX(-9px);
    }
    .head.right .features {
      transform: translateX(9px);
    }
    .head.up .features {
      transform: translateY(-8px);
    }
    .head.down .features {
      transform: translateY(8px);
    }
  }
  @media (prefers-contrast: more) {
    :host {
      --_line: currentColor;
      --_muted: currentColor;
    }
  }
  @media (forced-colors: active) {
    .mask {
      fill: Canvas;
    }
    .track {
      stroke: GrayText;
    }
    .ring,
    .chevrons {
      stroke: Highlight;
    }
    button {
      border-color: ButtonBorder;
    }
    .dots i {
      border: 1px solid CanvasText;
    }
    .dots :is(.now, .done) {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`
