/** High contrast and forced colours. */
import { type CSSResult, css } from 'lit'

export const contrast: CSSResult = css`
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
