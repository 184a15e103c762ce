/** Custom properties, frame, heading, buttons: what every screen has. */
import { type CSSResult, css } from 'lit'

export const frame: CSSResult = css`
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
  .frame:is(.permission, .connecting, .notice, .capture, .passkey, .checking) {
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

  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`
