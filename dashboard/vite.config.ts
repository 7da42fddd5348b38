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
  // the Worker replaces the placeholder with a new nonce per response
  // (workers/pages/dashboard.ts)
  html: { cspNonce: '__CSP_NONCE__' },
  worker: { format: 'es' },
  build: {
    outDir: 'dist/site/dashboard',
    emptyOutDir: true,
    // the CSP does not allow data: URLs
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
})
