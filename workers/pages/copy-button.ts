import { html, type Html } from './page.ts'

/**
 * Button that copies the text of an element. Hidden until page.js runs, because the button does
 * nothing without a script.
 */
export function copyButton(id: string, what: string): Html {
  return html`<button type="button" class="secondary small copy" data-copy="${id}" hidden>
    ${COPY}<span class="state" aria-live="polite">Copy</span><span class="unseen"> ${what}</span>
  </button>`
}

const COPY = html`<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5">
  <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
  <path d="M10.500 3.500v-1a1 1 0 0 0-1-1h-6a2 2 0 0 0-2 2v6a1 1 0 0 0 1 1h1" />
</svg>`
