/** The packages a tool server written in the browser may import: prebuilt ES modules, made by scripts/tenant-packages.ts at the dashboard's own build. */
export interface TenantPackages {
  /** Package name -> version. */
  versions: Record<string, string>
  /** What may be imported -> its file. */
  entries: Record<string, string>
  /** File -> ES module. One imports another by its path from the root. */
  files: Record<string, string>
}
