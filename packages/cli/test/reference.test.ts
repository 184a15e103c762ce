import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Command } from 'commander'
import { COMMAND_NAMES, createProgram } from '../src/program.ts'

const page = readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8')
const GENERAL = ['--help', '--version', '--json']

test('commands and options are on the reference page, and it names no others', async () => {
  const program = await createProgram(COMMAND_NAMES)
  const options = new Set(GENERAL)
  const visit = (command: Command, path: readonly string[]): void => {
    const name = path.join(' ')
    for (const { long } of command.options) {
      assert.ok(long && page.includes(long), `${name} ${long} is not on the page`)
      options.add(long)
    }
    if (path.length === 1) assert.match(page, new RegExp(`ipse ${name}`))
    if (command.commands.length === 0) assert.ok(page.includes(command.name()), name)
    for (const child of command.commands) visit(child, [...path, child.name()])
  }
  visit(program, [])
  for (const [option] of page.matchAll(/--[a-z][a-z-]*/g))
    assert.ok(options.has(option), `${option} is no option`)
  for (const [, name = ''] of page.matchAll(/`?ipse ([a-z][a-z-]*)/g))
    assert.ok(COMMAND_NAMES.includes(name), `ipse ${name}`)
})
