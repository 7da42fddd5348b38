/**
 * Packages that sources in the editor can import: ES modules built by scripts/tenant-packages.ts
 * together with the dashboard.
 */
export interface TenantPackages {
  /** Package name -> version. */
  versions: Record<string, string>
  /** Import specifier -> file. */
  entries: Record<string, string>
  /** File -> ES module. Modules use absolute paths for imports. */
  files: Record<string, string>
}
