/** The catalogue as the page docs/attacks.md; a test holds the page to this. */
import { attackCatalogue } from './attack-catalogue.ts'
import { ATTACK_METHODS, type AttackMethod } from './attack-methods.ts'

const EXPECTED = {
  stopped: 'must be stopped by the default policy',
  residual: 'a known gap: expected to be accepted sometimes',
} as const

export function catalogueMarkdown(): string {
  const catalogue = attackCatalogue()
  const gaps = catalogue.filter(({ expected }) => expected === 'residual').map(({ name }) => `\`${name}\``)
  return `# Attacks

What \`ipse attack\` tries against a service: instruments (what is shown) and methods (how it gets there). An instrument at the
sensor is a presentation attack (ISO/IEC 30107), one behind it an injection attack (CEN/TS 18099). Instruments that must be
stopped and were accepted once make the command end with exit code 1. Known gaps stay in the table and are reported at whatever
rate they reach: ${gaps.join(', ')}. All of them are a head that obeys in real time; sent by a scripted client with keys of its
own they are the residual risk of a check in a browser.

Everything is made from one photograph of each person by the laboratory's own renderer. That serves plumbing and the order of
attacks; no error rate against real people follows from it.

## Instruments

${catalogue
  .map(
    ({ number, name, method, instrument, recipe, variants, expectation, expected, needs }) =>
      `### ${number} · ${name}

${instrument} (${method}); ${EXPECTED[expected]}.

- Recipe: ${recipe}
- Variants: ${variants.map((variant) => `\`${variant}\``).join(', ')}.
- What is expected: ${expectation}
${needs ? `- Presented only under a policy that asks for \`${needs}\`.\n` : ''}`,
  )
  .join('\n')}
## Methods

${ATTACK_METHODS.map(methodSection).join('\n')}
Methods that need a browser are left out, and named in the report, where Chromium or playwright-core is missing. They make
fewer presentations (\`--browser-presentations\`, by default a fifteenth): they carry what was measured without a browser already.
`
}

function methodSection({ name, recipe, needs, carries, tamperings }: AttackMethod): string {
  const carried =
    carries === 'all'
      ? 'Carries every instrument.'
      : carries.length > 0
        ? `Carries ${carries.map((instrument) => `\`${instrument}\``).join(', ')}.`
        : 'Tampers with a capture that would be accepted; every form must be stopped.'
  const list = tamperings.map(
    (tampering) => `- \`${tampering.name}\`: ${tampering.recipe} ${tampering.expectation}\n`,
  )
  return `### ${name}

${recipe} ${carried}${needs === 'browser' ? ' Needs Chromium.' : ''}
${list.length > 0 ? `\n${list.join('')}` : ''}`
}
