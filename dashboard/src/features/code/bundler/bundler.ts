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

/** Loads it ahead of its first use; whether that went well the first use will tell. */
export function prepareBundler(): void {
  start()
    .remote.prepare({ wasm, packages })
    .catch(() => undefined)
}

/** Bundles in a worker, which is kept. One that could not start is started anew by the next call. */
export async function bundleInWorker(input: BundleInput): Promise<BundleOutcome> {
  const { worker, remote } = start()
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(new Error(event.message || 'The bundler could not be loaded.')), { once: true })
  })
  try {
    return await Promise.race([remote.bundle({ wasm, packages }, input), failed])
  } catch (error) {
    worker.terminate()
    running = undefined
    throw error
  }
}
