import { expose } from 'comlink'
import * as esbuild from 'esbuild-wasm'
import { bundleFiles, type BundleInput, type BundleOutcome } from './bundle.ts'
import type { TenantPackages } from './packages.ts'

export interface BundlerAssets {
  wasm: string
  packages: string
}

let ready: Promise<TenantPackages> | undefined

/** Fetched and compiled once. `worker: false`: this is one already, and esbuild's own would be made from a blob, which the policy forbids. */
async function start({ wasm, packages }: BundlerAssets): Promise<TenantPackages> {
  const [response] = await Promise.all([fetch(packages), esbuild.initialize({ wasmURL: wasm, worker: false })])
  if (!response.ok) throw new Error(`The packages could not be loaded: the platform answered ${response.status}.`)
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
