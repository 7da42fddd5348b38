/**
 * CSP nonce of this document, for libraries that insert style elements. Read as a property, because
 * browsers hide the attribute.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
