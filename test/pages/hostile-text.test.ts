import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { allow, openAgent } from './agent.ts'
import { heightOf, openChromium, openWindow, settled, sidewaysFault, signInIn, type Person, type Window } from './chromium.ts'
import { authorizeUrl, register } from './furnish.ts'
import { signedUp } from './owner.ts'

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script><b id=injected>bold</b>'
const SERVER = '/dashboard/t/hostile/s/hostile'

const { origin } = inject('pages')
let owner: Person
let browser: Browser
let window: Window
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Ho Stile', 'hostile', { hostile: join(import.meta.dirname, 'servers/hostile') })
})
afterAll(() => browser?.close())
beforeEach(async () => {
  window = await openWindow(browser)
  await signInIn(window.page, owner)
  return () => window.context.close()
})

/** Returns the faults of the page: text that became markup, and overflow. */
async function faultsHere(where: string): Promise<string[]> {
  const { page } = window
  const found: string[] = []
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: heightOf(width) })
    await settled(window)
    const wide = await sidewaysFault(page)
    if (wide !== undefined) found.push(`${where}: ${wide}`)
  }
  const alive = await page.evaluate(() =>
    [...document.querySelectorAll('#injected, img[src="x"], script:not([src]), [onerror], [onload], a[href^="javascript:"]')].map(
      ({ outerHTML }) => outerHTML.slice(0, 200),
    ),
  )
  found.push(...alive.map((html) => `${where}: ${html}`))
  await page.setViewportSize({ width: 1440, height: heightOf(1440) })
  return found
}

it('pages show texts of a hosted server and of a client as plain text, and execute no markup', async () => {
  const { page, faults } = window
  const hello = `${origin}/hostile/hostile`
  const client = await register(hello, MARKUP)
  const agent = await openAgent(`${hello}/mcp`, (authorization) => allow(page, authorization))
  await agent.callTool({ name: 'speak', arguments: {} })
  await agent.close()

  const found: string[] = []
  for (const [path, said] of [
    [authorizeUrl(hello, client), MARKUP],
    ['/hostile/hostile', ''],
    [SERVER, ''],
    [`${SERVER}/tools`, MARKUP],
    [`${SERVER}/versions/1`, MARKUP],
    [`${SERVER}/access`, MARKUP],
    [`${SERVER}/activity`, `safe\\u202egpj.exe ${MARKUP}`],
    ['/dashboard/apps', ''],
  ] as const) {
    await page.goto(path)
    await settled(window)
    if (said !== '') await page.getByText(said).first().waitFor()
    found.push(...(await faultsHere(path)))
  }
  expect(found).toEqual([])
  expect(faults).toEqual([])
})

it('playground shows tool results and questions as plain text, and opens https URLs only', async () => {
  const { page, faults } = window
  const main = page.getByRole('main')
  const found: string[] = []
  await page.goto(`${SERVER}/tools`)
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByText('Live from the server').waitFor()

  await page.getByRole('link', { name: /speak/ }).click()
  await page.getByRole('button', { name: 'Call', exact: true }).click()
  await page.getByText(/Completed in/).waitFor()
  await page.getByText('Show all 10,077 characters').waitFor()
  // the direction mark is shown as text and has no effect
  await expect.poll(() => main.innerText()).toContain(`safe\\u202egpj.exe ${MARKUP}`)
  found.push(...(await faultsHere('an answer')))

  await page.getByRole('link', { name: /send-away/ }).click()
  const [link, accept] = [main.getByRole('link', { name: /checkout/ }), page.getByRole('button', { name: 'Accept' })]
  const ask = async (url: string) => {
    await page.getByLabel('url').fill(url)
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByText('The server requests input').waitFor()
  }
  await ask('javascript:alert(5)//checkout')
  await page.getByText(/is not a web address/).waitFor()
  expect(await link.count()).toBe(0)
  expect(await accept.count()).toBe(0)
  found.push(...(await faultsHere('a question')))
  await page.getByRole('button', { name: 'Decline' }).click()
  await page.getByText('They said decline.').waitFor()

  await ask('https://pay.example/checkout')
  expect(await link.getAttribute('href')).toBe('https://pay.example/checkout')
  expect(await link.getAttribute('rel')).toContain('noopener')
  await accept.click()
  await page.getByText('They said accept.').waitFor()
  expect(found).toEqual([])
  expect(faults).toEqual([])
})
