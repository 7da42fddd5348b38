import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Built by scripts/dashboard.ts, which adds the templates. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/dashboard/',
  plugins: [react(), tailwindcss()],
  // the Worker puts a fresh nonce in its place each time it serves index.html (workers/pages/dashboard.ts)
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist/site/dashboard',
    emptyOutDir: true,
    // a data: URL would need an exception in the policy
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
