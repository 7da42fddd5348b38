import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { join } from 'node:path'
import { defineConfig } from 'vite'
import { editorAssets } from '../scripts/editor-assets.ts'
import { templates } from '../scripts/templates.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/dashboard/',
  plugins: [react(), tailwindcss(), templates(join(import.meta.dirname, '../examples')), editorAssets()],
  // the Worker puts a fresh nonce in its place each time it serves index.html
  // (workers/pages/dashboard.ts)
  html: { cspNonce: '__CSP_NONCE__' },
  worker: { format: 'es' },
  build: {
    outDir: 'dist/site/dashboard',
    emptyOutDir: true,
    // a data: URL would need an exception in the policy
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
})
