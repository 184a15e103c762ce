/** What people's browsers load under /admin/: dist/index.html, dist/console.js, dist/icon.svg. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/admin/assets/',
  logLevel: 'warn',
  build: {
    outDir: 'dist',
    // Served as it is: nothing else may lie in there.
    emptyOutDir: true,
    target: ['chrome116', 'edge116', 'firefox124', 'safari17.4'],
    modulePreload: false,
    rolldownOptions: {
      output: { entryFileNames: 'console.js' },
    },
  },
})
