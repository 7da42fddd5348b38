/** URLs of what scripts/editor-assets.ts makes at build time. */
declare module 'virtual:tenant-packages' {
  const url: string
  export default url
}
declare module 'virtual:editor-types' {
  const url: string
  export default url
}
