import { expose } from 'comlink'
import * as esbuild from 'esbuild-wasm'
import { bundleFiles, type BundleInput, type BundleOutcome } from './bundle.ts'
import type { TenantPackages } from './packages.ts'

export interface BundlerAssets {
  wasm: string
  packages: string
}

let ready: Promise<TenantPackages> | undefined

/**
 * Loads esbuild and the packages once. `worker: false`, because this code already runs in a worker
 * and the CSP forbids the blob worker of esbuild.
 */
async function start({ wasm, packages }: BundlerAssets): Promise<TenantPackages> {
  const [response] = await Promise.all([fetch(packages), esbuild.initialize({ wasmURL: wasm, worker: false })])
  if (!response.ok) throw new Error(`Loading the packages failed with status ${response.status}.`)
  return (await response.json()) as TenantPackages
}

const api = {
  async prepare(assets: BundlerAssets): Promise<void> {
    await (ready ??= start(assets))
  },
  async bundle(assets: BundlerAssets, input: BundleInput): Promise<BundleOutcome> {
    ready ??= start(assets)
    return bundleFiles(esbuild, input, await ready)
  },
}
export type BundlerWorker = typeof api

expose(api)
