/** What browsers load: dist/page.js, dist/simulated-camera.js, dist/*.css, dist/icon.svg. `<ipse-check>` comes from Ipse. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  publicDir: 'page/public',
  build: {
    outDir: 'dist',
    // The folder also holds the type checker's output.
    emptyOutDir: false,
    target: ['chrome116', 'edge116', 'firefox124', 'safari17.4'],
    modulePreload: false,
    rolldownOptions: {
      input: { page: 'page/page.ts' },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        assetFileNames: '[name][extname]',
      },
    },
  },
})
