/** Outcomes and errors. */
import { type CSSResult, css } from 'lit'

export const settled: CSSResult = css`
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
`
