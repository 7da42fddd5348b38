import { html, type Html } from './page.ts'

/* Drawings of the landing page. They show the product, and are described in words beside them. */

const APPS = ['Claude', 'Cursor', 'VS Code', 'Your agent']
const CONTAINERS = [
  ['tickets', 'light'],
  ['handbook', 'plain'],
  ['weather', 'buoy'],
  ['reports', 'plain'],
  ['inventory', 'light'],
] as const

/** Apps moored at the quay, and hosted servers stacked behind it like containers. */
export const HARBOUR: Html = html`<svg
  class="harbour"
  viewBox="0 0 640 340"
  role="img"
  aria-label="Apps connect through Wharf to hosted servers"
>
  <g class="lines">
    <path d="M556 268V62M612 268V62M556 104h56M556 104l56 84M556 250h56M410 62h226M582 62V26M582 26L410 62M582 26l54 36M452 62v42" />
    <path d="M452 104l-38 18M452 104l38 18" />
    <path d="M296 268H640M296 279H640" />
  </g>
  <path d="M296 268v72" class="wall" />
  <g class="lines">${[300, 317, 334].map((y, index) => html`<path d="M${-14 * index} ${y}q10-7 20 0t20 0${'t20 0'.repeat(13)}" />`)}</g>
  ${container('new version', 'buoy', { left: 406, top: 122, width: 92 })}
  ${CONTAINERS.map(([name, tone], index) =>
    container(name, tone, { left: 398 + (index % 2) * 76, top: 234 - Math.floor(index / 2) * 37, width: 72 }),
  )}
  ${APPS.map((app, index) => boat(app, index))}
  ${[314, 342, 370].map((x) => html`<path d="M${x - 8} 254h16M${x} 254v13" class="bollard" />`)}
</svg>`

function container(name: string, tone: string, { left, top, width }: { left: number; top: number; width: number }): Html {
  return html`<rect x="${left}" y="${top}" width="${width}" height="34" rx="3" class="container ${tone}" /><text
      x="${left + width / 2}"
      y="${top + 21}"
      class="box ${tone}"
      text-anchor="middle"
      >${name}</text
    >`
}

/** A pill with the name of an app, moored to a bollard. */
function boat(app: string, index: number): Html {
  const y = 20 + index * 62
  return html`<path d="M146 ${y + 20}C${222 - index * 6} ${y + 24}, ${252 + index * 4} 246, ${314 + (index % 3) * 28} 257" class="rope" />
    <rect x="10" y="${y}" width="136" height="40" rx="11" class="hull" />
    <circle cx="32" cy="${y + 20}" r="5" class="${index === 3 ? 'lamp own' : 'lamp'}" />
    <text x="48" y="${y + 25}">${app}</text>`
}

/** An editor with a tool. */
export const WRITE: Html = html`<svg class="picture" viewBox="0 0 340 168" role="img" aria-label="An editor with the source of a tool">
  <rect x="0.750" y="0.750" width="338.500" height="190" rx="10" class="sheet" />
  <path d="M0.750 30h338.500" class="rule" />
  <circle cx="18" cy="15.500" r="4" class="dot" />
  <circle cx="32" cy="15.500" r="4" class="dot" />
  <circle cx="46" cy="15.500" r="4" class="dot" />
  <text x="66" y="19.500" class="code strong">server.ts</text>
  ${[
    ['server.', 'registerTool', '('],
    ["  'track_parcel', {", '', ''],
    ['    inputSchema: { ', 'id: z.string()', ' },'],
    ['    annotations: { ', 'readOnlyHint: true', ' },'],
    ['  }, async ({ id }) => ', 'find(id)', ')'],
  ].map(
    ([before = '', marked = '', after = ''], index) =>
      html`<text x="18" y="${54 + index * 20}" class="code" xml:space="preserve"
        ><tspan class="number">${index + 1}</tspan> ${before}<tspan class="marked">${marked}</tspan>${after}</text
      >`,
  )}
  <text x="18" y="154" class="code good">✓ No type errors</text>
</svg>`

/** The steps of a deploy, and the URL that it gives. */
export const DEPLOY: Html = html`<svg class="picture" viewBox="0 0 340 168" role="img" aria-label="The steps of a deploy, and the endpoint">
  <rect x="0.750" y="0.750" width="338.500" height="166.500" rx="10" class="sheet" />
  ${['Bundled', 'Probed like a client: 1 tool, 0 findings', 'Version 3 is live'].map(
    (step, index) =>
      html`<circle cx="24" cy="${27 + index * 29}" r="8.500" class="done" />
        <path d="M20 ${27 + index * 29}l3 3 5.500-6" class="tick" />
        <text x="42" y="${31.5 + index * 29}" class="words">${step}</text>`,
  )}
  <path d="M24 35.500v12M24 64.500v12" class="rule" />
  <rect x="14" y="112" width="312" height="40" rx="8" class="well" />
  <text x="26" y="136" class="code">https://…/acme/parcels/mcp</text>
  <rect x="266" y="120" width="52" height="24" rx="6" class="button" />
  <text x="292" y="136" class="words on" text-anchor="middle">Copy</text>
</svg>`

/** The question that a user answers before an app gets access. */
export const CONNECT: Html = html`<svg class="picture" viewBox="0 0 340 168" role="img" aria-label="The consent page for an app">
  <rect x="0.750" y="0.750" width="338.500" height="166.500" rx="10" class="sheet" />
  <text x="18" y="32" class="words title">cursor.com wants to use Parcels</text>
  <path d="M18 46h304M18 80h304M18 114h304" class="rule" />
  <rect x="18" y="56" width="15" height="15" rx="4" class="button" />
  <path d="M21.500 63.500l3 3 5-6" class="tick on" />
  <text x="44" y="68" class="words">List and use read-only tools</text>
  <rect x="18.750" y="90.750" width="13.500" height="13.500" rx="4" class="empty" />
  <text x="44" y="102" class="words">Use tools that modify data</text>
  <rect x="18" y="126" width="76" height="28" rx="7" class="button" />
  <text x="56" y="144.500" class="words on" text-anchor="middle">Allow</text>
  <rect x="102.750" y="126.750" width="70" height="26.500" rx="7" class="empty" />
  <text x="138" y="144.500" class="words" text-anchor="middle">Deny</text>
</svg>`
