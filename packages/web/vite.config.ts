/** One ES module with everything in it: dist/ipse-check.js. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: {
    outDir: 'dist',
    // Served as it is: nothing else may lie in there.
    emptyOutDir: true,
    target: ['chrome116', 'edge116', 'firefox124', 'safari17.4'],
    lib: { entry: 'src/define.ts', formats: ['es'], fileName: () => 'ipse-check.js' },
    reportCompressedSize: true,
  },
})
