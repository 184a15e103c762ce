/** The colours of `colour-light`: the element and the page around it, so that enough light falls on the face. */
import { LIGHT_COLOURS, LIGHT_SRGB } from '@ipse/protocol'
import { type CSSResult, css, unsafeCSS } from 'lit'

const colours = LIGHT_COLOURS.map((colour) => {
  const text = colour === 'dark' ? '#f3f4f6' : '#0b0f14'
  return `.light-${colour} { --_surface: rgb(${LIGHT_SRGB[colour].join(' ')}); --_text: ${text}; --_muted: ${text}; }`
})

export const light: CSSResult = css`
  ${unsafeCSS(colours.join('\n'))}
  .frame[class*='light-'] {
    z-index: 1;
    forced-color-adjust: none;
    background: var(--_surface);
    border-color: var(--_surface);
    color: var(--_text);
    box-shadow: 0 0 0 200vmax var(--_surface);
  }
`
