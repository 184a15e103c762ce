/** The oval, ring, arrow, small head, hint and progress of a running capture. */
import { type CSSResult, css } from 'lit'

export const capture: CSSResult = css`
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
  :is(.notice, .passkey) .stage {
    max-block-size: 30vh;
  }
  :is(.notice, .passkey) .hint {
    margin-block-end: 1rem;
    text-wrap: balance;
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
  .dot circle {
    fill: var(--_accent);
    stroke: #fff;
    stroke-width: 3;
    transition:
      cx 0.26s linear,
      cy 0.26s linear;
  }
  .dot .halo {
    opacity: 0.3;
    stroke: none;
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
  .head .mouth {
    transform-box: fill-box;
    transform-origin: 50% 20%;
    animation: open 1.6s ease-in-out infinite;
  }
  .head.blink .eye {
    transform-box: fill-box;
    transform-origin: center;
    animation: blink 1.6s ease-in-out infinite;
  }
  .head.nearer {
    animation: nearer 1.8s ease-in-out infinite;
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
`
