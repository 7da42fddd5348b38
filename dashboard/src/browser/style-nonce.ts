/** The nonce that this document's policy lets style elements carry; libraries that make such elements are given it. Browsers hide it from selectors. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
