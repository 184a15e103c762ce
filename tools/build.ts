/** Builds what browsers load: the element and the example's page. The server needs no build. Prints the sizes. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')

for (const folder of ['packages/web', 'examples/relying-party']) {
  const configFile = join(root, folder, 'vite.config.ts')
  if (!existsSync(configFile)) continue
  await build({ configFile, root: join(root, folder), logLevel: 'warn' })
  for (const file of globSync('dist/**/*.{js,css}', { cwd: join(root, folder) })) {
    const bytes = readFileSync(join(root, folder, file))
    const kB = (size: number) => `${(size / 1000).toFixed(1)} kB`
    console.log(`${folder}/${file}  ${kB(bytes.length)}, gzip ${kB(gzipSync(bytes).length)}`)
  }
}
