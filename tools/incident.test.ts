/** Pages for bad days name commands, alerts and files that exist. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
/** Commands that have commands of their own. */
const GROUPS = ['audit', 'clients', 'keys', 'models', 'people', 'policies', 'rollout', 'templates']
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Source of all commands: names and options stand there as they are typed. */
const commands = globSync('packages/cli/src/**/*.ts', { cwd: root }).map(read).join('\n')

test('every command and option in the runbook and in the way of a policy exists', () => {
  for (const page of ['docs/incident.md', 'docs/rollout.md']) {
    const text = read(page)
    const typed = [...text.matchAll(/(?:`|npx )(ipse [^`\n#]+)/g)].map(([, line = '']) =>
      line.trim().split(' '),
    )
    assert.ok(typed.length > 5, page)
    for (const [, ...words] of typed) {
      const [command = '', sub = ''] = words
      const isGroup = new RegExp(`program\\s*\\.command\\('${command}'\\)`).test(commands)
      assert.ok(isGroup, `${page}: ipse ${command}`)
      if (GROUPS.includes(command))
        assert.ok(commands.includes(`.command('${sub}')`), `${page}: ipse ${command} ${sub}`)
      for (const option of words.filter((word) => word.startsWith('--')))
        assert.match(commands, new RegExp(`'${option}[ ']`), `${page}: ${option}`)
    }
  }
})

test('the runbook says what follows from every alert, and from no other', () => {
  const rules = [...read('deploy/prometheus/ipse.rules.yml').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name,
  )
  const named = [...read('docs/incident.md').matchAll(/\bIpse[A-Z]\w+/g)].map(([name]) => name)
  assert.ok(rules.length > 10)
  assert.deepEqual(new Set(named), new Set(rules))
})
