/** All motion, and none of it for people who want less. */
import { type CSSResult, css } from 'lit'

export const motion: CSSResult = css`
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
  @keyframes open {
    0%,
    100% {
      transform: scaleY(0.25);
    }
    35%,
    75% {
      transform: none;
    }
  }
  @keyframes blink {
    45%,
    55% {
      transform: scaleY(0.12);
    }
  }
  @keyframes nearer {
    0% {
      transform: scale(0.7);
    }
    60%,
    100% {
      transform: scale(1.1);
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
    .head,
    .head .features,
    .head .mouth,
    .head .eye,
    .dot circle,
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
`
