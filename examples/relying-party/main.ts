/**
 * Runs the example by itself, beside an Ipse service: IPSE_URL, IPSE_API_KEY, and IPSE_PUBLIC_URL,
 * PORT, PUBLIC_URL, DATA_DIR, SIMULATED_CAMERA=yes where wanted.
 */
import { createServer } from 'node:http'
import createSite from './site.ts'

const { IPSE_URL, IPSE_API_KEY, PORT = '8430', DATA_DIR = '.data', SIMULATED_CAMERA } = process.env
if (!IPSE_URL || !IPSE_API_KEY) {
  console.error('Set IPSE_URL and IPSE_API_KEY ("ipse keys create" makes a key).')
  process.exit(2)
}
const publicUrl = process.env.PUBLIC_URL ?? `http://localhost:${PORT}`
const site = await createSite({
  ipseUrl: IPSE_URL,
  ipsePublicUrl: process.env.IPSE_PUBLIC_URL ?? IPSE_URL,
  apiKey: IPSE_API_KEY,
  publicUrl,
  dataDir: DATA_DIR,
  simulatedCamera: SIMULATED_CAMERA === 'yes',
})
const server = createServer(site).listen(Number(PORT), '127.0.0.1', () => console.log(`Open ${publicUrl}`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.close())
