/** Style of the attack report: follows the reader's light or dark scheme, prints. */
export const STYLE = `
  :root { color-scheme: light dark; --ink: #1c2430; --page: #fff; --quiet: #5b6675; --line: #d8dde4; --card: #f5f7f9;
    --good: #1c7a4a; --bad: #b3261e; --known: #a86400; --honest: #1257d0 }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --page: #12161d; --quiet: #9aa6b5; --line: #2c3440;
    --card: #1a2029; --good: #5cc890; --bad: #ff8a80; --known: #f0b35a; --honest: #7fb0ff } }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem;
    margin: 2rem auto; padding: 0 1rem; font-variant-numeric: tabular-nums }
  h1 { margin: 0 } h2 { margin: 2rem 0 .5rem; font-size: 1.2rem } h3 { margin: 1rem 0 .25rem; font-size: 1rem }
  header p { margin: 0 0 1.5rem } .quiet, small { color: var(--quiet) } code { font-size: .9em }
  .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem }
  .card { display: grid; align-content: start; background: var(--card); border-radius: 8px; padding: .9rem 1rem;
    border-inline-start: 4px solid var(--line) }
  .card strong { font-size: 1.9rem; line-height: 1.2 }
  .card.good { border-color: var(--good) } .card.bad { border-color: var(--bad) } .card.bad strong { color: var(--bad) }
  .card.known { border-color: var(--known) } .card.honest { border-color: var(--honest) }
  svg { display: block; max-width: 100%; height: auto; font: 13px system-ui, sans-serif }
  svg text { fill: currentColor } .small, .count { font-size: 12px; opacity: .8 } .grid { stroke: var(--line) }
  .whisker { stroke: currentColor; stroke-opacity: .8; fill: none }
  .good .bar { fill: var(--good) } .bad .bar { fill: var(--bad) } .known .bar { fill: var(--known) } .honest .bar { fill: var(--honest) }
  table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: start; font-weight: normal }
  th { color: var(--quiet); font-size: .85rem } .meter { width: 10rem } .meter i { display: block; height: .6rem;
    background: var(--quiet); border-radius: 2px; min-width: 2px }
  details { border-top: 1px solid var(--line); padding: .4rem 0 .4rem .75rem; border-inline-start: 4px solid transparent }
  details.bad { border-inline-start-color: var(--bad) } details.known { border-inline-start-color: var(--known) }
  summary { cursor: pointer } summary span { color: var(--quiet); float: inline-end }
  .wide { overflow-x: auto } section > h3 { font-weight: 600 }
  .grid-of-signals th { padding: 0 .6rem 0 0; white-space: nowrap } .grid-of-signals thead th { vertical-align: bottom; padding: 0 }
  .grid-of-signals thead span { writing-mode: vertical-rl; transform: rotate(180deg); padding: .3rem 0 }
  .grid-of-signals tbody td { position: relative; width: 1.5rem; min-width: 1.5rem; height: 1.5rem; padding: 0; border: 1px solid var(--line) }
  .grid-of-signals tbody i, .grid-of-signals tbody u { position: absolute; inset-inline: 0; bottom: 0; background: var(--good); text-decoration: none }
  .grid-of-signals tbody u { opacity: .35 } .grid-of-signals .honest i, .grid-of-signals .honest u { background: var(--bad) }
  .grid-of-signals .honest th { color: var(--honest) } .grid-of-signals .known th, .boxes .known th { color: var(--known) }
  .boxes { margin-bottom: 1rem } .boxes th, .boxes td { white-space: nowrap } .gaps { columns: 2; column-gap: 2rem } .gaps table { break-inside: avoid }
  .boxes caption { text-align: start; font-weight: 600; padding: .3rem 0 } .boxes .honest th { color: var(--honest) }
  .box { display: block; position: relative; width: 9rem; height: .7rem; border-bottom: 1px solid var(--line) }
  .box i { position: absolute; top: .1rem; height: .5rem; background: var(--known); opacity: .75; border-radius: 2px }
  .honest .box i { background: var(--honest) } .box b { position: absolute; top: 0; width: 2px; height: .7rem; background: var(--ink) }
  .pair .box { border: 0 }
  .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0 2rem }
  @media (max-width: 56rem) { .gaps { columns: 1 } }
  @media (max-width: 40rem) { summary span { float: none; display: block } }`
