/** What is shown before the start: what to expect, consent. */
import { type CSSResult, css } from 'lit'

export const intro: CSSResult = css`
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
`
