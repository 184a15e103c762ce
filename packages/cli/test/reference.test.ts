import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ipse } from './run.ts'

const page = readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8')
const GENERAL = ['--help', '--version', '--json']

/** Names in the list of commands of a help text. */
function commandsIn(help: string): string[] {
  const list = /\nCommands:\n([\s\S]*?)(\n\n|$)/.exec(help)?.[1] ?? ''
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help')
}

test('commands and options are on the reference page, and it names no others', async () => {
  const options = new Set(GENERAL)
  const visit = async (path: readonly string[]): Promise<void> => {
    const { stdout } = await ipse([...path, '--help'])
    const children = commandsIn(stdout)
    for (const [option] of stdout
      .split(/\nOptions:\n/)[1]
      ?.split('\n\n')[0]
      ?.matchAll(/--[a-z-]+/g) ?? []) {
      options.add(option)
      assert.ok(page.includes(option), `${path.join(' ')} ${option} is not on the page`)
    }
    if (children.length === 0) assert.ok(page.includes(path.at(-1) ?? ''), path.join(' '))
    for (const child of children) {
      assert.match(
        page,
        new RegExp(`ipse ${[...path.slice(0, 1), path.length === 0 ? child : ''].join(' ').trim()}`),
      )
      await visit([...path, child])
    }
  }
  await visit([])
  for (const [option] of page.matchAll(/--[a-z][a-z-]*/g))
    assert.ok(options.has(option), `${option} is no option`)
  const known = commandsIn((await ipse(['--help'])).stdout)
  for (const [, name = ''] of page.matchAll(/`?ipse ([a-z][a-z-]*)/g))
    assert.ok(known.includes(name), `ipse ${name}`)
})
