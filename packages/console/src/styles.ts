/** Constructed style sheets, so that the page's content security policy needs no word about styles. */
import { type CSSResult, css } from 'lit'

/** Of the document itself, around the one element. */
export const page: CSSResult = css`
  body {
    margin: 0;
    background: light-dark(#f4f6f9, #0f1318);
  }
`

export const styles: CSSResult = css`
  :host {
    --accent: light-dark(#1f5fd6, #8ab4ff);
    --on-accent: light-dark(#ffffff, #0b1730);
    --surface: light-dark(#ffffff, #171b22);
    --text: light-dark(#14181f, #eef1f5);
    --muted: light-dark(#55606e, #a5b0be);
    --line: light-dark(#dfe4ea, #333c48);
    --good: light-dark(#12784a, #6fdca4);
    --bad: light-dark(#b3261e, #ff9d94);
    display: block;
    font:
      1rem/1.5 system-ui,
      -apple-system,
      'Segoe UI',
      Roboto,
      sans-serif;
    color: var(--text);
  }
  h1,
  h2,
  p {
    margin: 0;
  }
  h1 {
    font-size: 1.5rem;
    line-height: 1.25;
  }
  h2 {
    font-size: 1.0625rem;
  }
  .door,
  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 14px;
  }
  .door {
    display: grid;
    gap: 1.25rem;
    max-inline-size: 23rem;
    margin: 12vh auto 2rem;
    padding: 2rem;
  }
  .brand {
    display: flex;
    gap: 0.6rem;
    align-items: center;
    font-weight: 650;
  }
  .brand img {
    inline-size: 1.75rem;
    block-size: 1.75rem;
  }
  .muted {
    color: var(--muted);
  }
  .wrong {
    color: var(--bad);
  }
  .wrong:empty {
    display: none;
  }
  button,
  .button {
    box-sizing: border-box;
    min-block-size: 2.5rem;
    padding: 0.45rem 1rem;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: none;
    color: var(--text);
    font: inherit;
    font-weight: 600;
    text-align: center;
    text-decoration: none;
    cursor: pointer;
  }
  button:hover,
  .button:hover {
    border-color: currentColor;
  }
  button.primary {
    min-block-size: 3rem;
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
  }
  button:disabled {
    opacity: 0.6;
    cursor: progress;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem 1rem;
    align-items: center;
    padding: 0.9rem 1.5rem;
    background: var(--surface);
    border-block-end: 1px solid var(--line);
  }
  nav {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    flex-basis: 100%;
  }
  nav a {
    padding: 0.35rem 0.75rem;
    border-radius: 10px;
    color: var(--text);
    text-decoration: none;
  }
  nav a:hover {
    text-decoration: underline;
  }
  nav a[aria-current] {
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  header .who {
    margin-inline-start: auto;
    text-align: end;
    line-height: 1.25;
  }
  header .muted {
    font-size: 0.875rem;
  }
  main.desk {
    display: grid;
    gap: 1.25rem;
    max-inline-size: 68rem;
    margin: 1.5rem auto;
    padding-inline: 1.5rem;
  }
  .card {
    display: grid;
    gap: 0.75rem;
    padding: 1.1rem 1.25rem;
    overflow-x: auto;
  }
  .card.notice {
    grid-template-columns: 1fr auto;
    align-items: center;
    border-color: var(--accent);
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375rem;
  }
  th {
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--muted);
  }
  th,
  td {
    padding: 0.45rem 0.75rem 0.45rem 0;
    text-align: start;
    vertical-align: top;
    border-block-end: 1px solid var(--line);
  }
  tr:last-child td {
    border-block-end: 0;
  }
  code {
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
  .good {
    color: var(--good);
  }
`
