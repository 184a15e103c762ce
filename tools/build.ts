/**
 * Builds what browsers load: the element, the console and the example's page. The server needs no build. Prints the sizes,
 * and writes `sri.json` beside the element: its version, and the integrity value of every file of the release.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
/** Whose built files are served to pages of other sites. */
const RELEASED = 'packages/web'

for (const folder of [RELEASED, 'packages/console', 'examples/relying-party']) {
  const configFile = join(root, folder, 'vite.config.ts')
  if (!existsSync(configFile)) continue
  await build({ configFile, root: join(root, folder), logLevel: 'warn' })
  for (const file of globSync('dist/**/*.{js,css}', { cwd: join(root, folder) })) {
    const bytes = readFileSync(join(root, folder, file))
    const kB = (size: number) => `${(size / 1000).toFixed(1)} kB`
    console.log(`${folder}/${file}  ${kB(bytes.length)}, gzip ${kB(gzipSync(bytes).length)}`)
  }
}
writeManifest(join(root, RELEASED))

/** The server serves what stands in here and refuses to start when a file is another one. */
function writeManifest(folder: string): void {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const names = globSync('*', { cwd: join(folder, 'dist') }).toSorted()
  const files = Object.fromEntries(
    names.map((name) => {
      const digest = createHash('sha384').update(readFileSync(join(folder, 'dist', name)))
      return [name, `sha384-${digest.digest('base64')}`]
    }),
  )
  writeFileSync(join(folder, 'dist/sri.json'), `${JSON.stringify({ version, files }, null, 2)}\n`)
}
