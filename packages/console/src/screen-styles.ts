/** Of the screens behind the door: pictures, evidence, forms. Widths of bars are attributes of SVG, so no style is inline. */
import { type CSSResult, css } from 'lit'

export const screenStyles: CSSResult = css`
  :host {
    --warn: light-dark(#8a5a00, #f2c14e);
    display: grid;
    gap: 1.25rem;
    min-inline-size: 0;
  }
  h1:focus {
    outline: none;
  }
  h3 {
    margin: 0;
    font-size: 0.9375rem;
  }
  a {
    color: var(--accent);
  }
  [role='status']:empty,
  [role='alert']:empty {
    display: none;
  }
  ul,
  ol,
  dl {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr));
    gap: 1.25rem;
    align-items: start;
  }
  .card > svg {
    inline-size: 100%;
    block-size: auto;
  }
  svg text {
    font-size: 12px;
    fill: var(--muted);
  }
  .axis {
    stroke: var(--line);
  }
  .line {
    fill: none;
    stroke: var(--accent);
    stroke-width: 2;
  }
  .point {
    fill: var(--accent);
  }
  rect.accept {
    fill: var(--good);
  }
  rect.reject {
    fill: var(--bad);
  }
  rect.retry {
    fill: var(--warn);
  }
  rect.review,
  rect.plain {
    fill: var(--accent);
  }
  rect.ground {
    fill: var(--line);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.25rem;
  }
  .legend svg {
    inline-size: 0.7rem;
    block-size: 0.7rem;
  }
  .bar {
    inline-size: 100%;
    block-size: 0.5rem;
    border-radius: 4px;
  }
  .bars li {
    display: grid;
    grid-template-columns: 11rem 1fr 5.5rem;
    gap: 0.75rem;
    align-items: center;
    padding-block: 0.15rem;
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr));
    gap: 0.6rem 1.5rem;
  }
  dt {
    font-size: 0.8125rem;
    color: var(--muted);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .reasons,
  .attempts {
    display: grid;
    gap: 0.35rem;
  }
  .evidence li {
    display: grid;
    grid-template-columns: 1.25rem 1fr minmax(9rem, 14rem);
    gap: 0.75rem;
    padding-block: 0.6rem;
    border-block-end: 1px solid var(--line);
    font-size: 0.9375rem;
  }
  .evidence li:last-child {
    border-block-end: 0;
  }
  .sign {
    font-weight: 700;
  }
  .pass .sign {
    color: var(--good);
  }
  .fail .sign {
    color: var(--bad);
  }
  .insufficient .sign {
    color: var(--warn);
  }
  .measure {
    display: grid;
    gap: 0.2rem;
    align-content: start;
  }
  summary {
    cursor: pointer;
    font-weight: 600;
  }
  form.card {
    gap: 1rem;
  }
  label {
    display: grid;
    gap: 0.3rem;
    font-weight: 600;
  }
  .choice {
    grid-template-columns: auto 1fr;
    gap: 0.6rem;
    align-items: baseline;
    padding-block: 0.2rem;
    font-weight: 400;
  }
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  legend {
    padding: 0;
    font-weight: 600;
  }
  input:not([type='checkbox'], [type='radio']),
  textarea {
    box-sizing: border-box;
    inline-size: 100%;
    min-block-size: 2.5rem;
    padding: 0.45rem 0.7rem;
    border: 1px solid var(--muted);
    border-radius: 10px;
    background: var(--surface);
    color: var(--text);
    font: inherit;
    font-weight: 400;
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  .once {
    align-items: end;
  }
  .once input {
    margin-block-start: 0.5rem;
    font-family: ui-monospace, monospace;
  }
  .once [role='status'] {
    grid-column: 1 / -1;
  }
  .sure {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  button.danger {
    border-color: var(--bad);
    color: var(--bad);
  }
  ipse-sure {
    justify-items: start;
  }
  @media (max-width: 40rem) {
    .card.notice {
      grid-template-columns: 1fr;
      justify-items: start;
    }
    .evidence li {
      grid-template-columns: 1.25rem 1fr;
    }
    .measure {
      grid-column: 2;
    }
    .bars li {
      grid-template-columns: 1fr 5.5rem;
    }
    .bars li > :first-child {
      grid-column: 1 / -1;
    }
  }
`
