import { type Remote, wrap } from 'comlink'
import wasm from 'esbuild-wasm/esbuild.wasm?url'
import packages from 'virtual:tenant-packages'
import type { BundleInput, BundleOutcome } from './bundle.ts'
import type { BundlerWorker } from './bundler.worker.ts'

let running: { worker: Worker; remote: Remote<BundlerWorker> } | undefined

function start(): { worker: Worker; remote: Remote<BundlerWorker> } {
  if (running) return running
  const worker = new Worker(new URL('./bundler.worker.ts', import.meta.url), { type: 'module' })
  running = { worker, remote: wrap<BundlerWorker>(worker) }
  return running
}

/** Loads the bundler ahead of its first use. A failure shows on the first use. */
export function prepareBundler(): void {
  start()
    .remote.prepare({ wasm, packages })
    .catch(() => undefined)
}

/**
 * Bundles in a worker that stays for later calls. After a failure, the next call starts a new
 * worker.
 */
export async function bundleInWorker(input: BundleInput): Promise<BundleOutcome> {
  const { worker, remote } = start()
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener(
      'error',
      (event) => reject(new Error(event.message || 'The bundler could not be loaded. Check your connection and retry.')),
      { once: true },
    )
  })
  try {
    return await Promise.race([remote.bundle({ wasm, packages }, input), failed])
  } catch (error) {
    worker.terminate()
    running = undefined
    throw error
  }
}
