#!/usr/bin/env node
// Starts `ipse`. Plain JavaScript that old versions of Node can read: where Node is older than 24, the one that the
// `node` package brought along takes over and gets every signal that reaches us.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepCompiled } from './compile-cache.mjs'

const WANTED = 24

if (Number(process.versions.node.split('.')[0]) >= WANTED) {
  keepCompiled()
  await import('../src/main.ts')
} else if (process.env.LAUNCHED_BY_IPSE !== undefined) {
  console.error(
    `ipse needs Node ${WANTED}; this is ${process.version}, and so is the one of the node package.`,
  )
  process.exitCode = 3
} else {
  let node
  try {
    node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  } catch {
    console.error(
      `ipse needs Node ${WANTED}; this is ${process.version}. Install Node ${WANTED} or run npm install again.`,
    )
    process.exit(3)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LAUNCHED_BY_IPSE: process.version },
  })
  child.on('error', (error) => {
    console.error(`ipse: ${node} cannot be started (${error.message}). Run npm install again.`)
    process.exitCode = 3
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 3 : 128)
  })
}
