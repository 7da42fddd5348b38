/** URLs of assets that scripts/editor-assets.ts creates at build time. */
declare module 'virtual:tenant-packages' {
  const url: string
  export default url
}
declare module 'virtual:editor-types' {
  const url: string
  export default url
}
