import { CliError } from '../cli.ts'
import type { CloudflareAccount } from './api.ts'
import type { ResourceNames } from './names.ts'
import type { Settings } from './settings.ts'

/** Part of wrangler's configuration with the addresses of the Worker. */
export interface Routes {
  workers_dev: boolean
  preview_urls: false
  routes: ({ pattern: string; custom_domain: true } | { pattern: string; zone_name: string })[]
}

interface Zone {
  id: string
  name: string
}

/**
 * Returns the routes of PUBLIC_ORIGIN and SERVER_HOST: a custom domain or workers.dev for the
 * first, a wildcard route for the second. Creates the DNS record of the wildcard route. Throws a
 * CliError if the account cannot serve the addresses.
 */
export async function ensureRoutes(account: CloudflareAccount, names: ResourceNames, settings: Settings): Promise<Routes> {
  const { hostname } = new URL(settings['PUBLIC_ORIGIN'] ?? '')
  const onWorkersDev = hostname.endsWith('.workers.dev')
  if (onWorkersDev) await checkWorkersDev(account, names, hostname)
  else await checkDomain(account, names, hostname)
  return {
    workers_dev: onWorkersDev,
    preview_urls: false,
    routes: [
      ...(onWorkersDev ? [] : [{ pattern: hostname, custom_domain: true as const }]),
      ...(settings['SERVER_HOST'] ? [await ensureWildcard(account, settings['SERVER_HOST'])] : []),
    ],
  }
}

/** Checks that the host is the Worker's host at workers.dev. */
async function checkWorkersDev(account: CloudflareAccount, { worker }: ResourceNames, hostname: string): Promise<void> {
  const path = 'accounts/{account}/workers/subdomain'
  const found = await account.find<{ subdomain: string }>('Looking for the workers.dev subdomain', { path })
  if (!found?.subdomain)
    throw new CliError('The account has no workers.dev subdomain. Open "Workers & Pages" in the Cloudflare dashboard once.')
  const expected = `${worker}.${found.subdomain}.workers.dev`
  if (hostname !== expected)
    throw new CliError(
      `PUBLIC_ORIGIN must be https://${expected}, because the Worker's name is its workers.dev host, not "https://${hostname}".`,
    )
}

/**
 * Checks that the custom domain is free or the Worker's own, because wrangler takes over a used
 * domain or DNS record without a question.
 */
async function checkDomain(account: CloudflareAccount, { worker }: ResourceNames, hostname: string): Promise<void> {
  const zone = await findZone(account, hostname)
  const host = encodeURIComponent(hostname)
  const domainsPath = `accounts/{account}/workers/domains?hostname=${host}`
  const [domain] = await account.call<{ service: string }[]>('Looking for the custom domain', { path: domainsPath })
  if (domain?.service === worker) return
  if (domain)
    throw new CliError(
      `${hostname} is a custom domain of the Worker "${domain.service}". Remove it there, or choose another PUBLIC_ORIGIN.`,
    )
  const records = await account.call<{ type: string }[]>('Listing DNS records', { path: `zones/${zone.id}/dns_records?name=${host}` })
  if (records[0])
    throw new CliError(`${hostname} has a DNS record (${records[0].type}). Delete the record, or choose another PUBLIC_ORIGIN.`)
}

/** Returns the zone of the account that contains the host. */
async function findZone(account: CloudflareAccount, host: string): Promise<Zone> {
  const labels = host.split('.')
  for (let first = 0; first < labels.length - 1; first += 1) {
    const name = labels.slice(first).join('.')
    const path = `zones?name=${encodeURIComponent(name)}&account.id={account}`
    const [zone] = await account.call<Zone[]>('Looking for the zone', { path })
    if (zone) return zone
  }
  throw new CliError(`No zone of the Cloudflare account contains ${host}. Add the domain to the account, or choose another PUBLIC_ORIGIN.`)
}

/** A route without a DNS record is never reached, and only a record can be a wildcard. */
async function ensureWildcard(account: CloudflareAccount, serverHost: string): Promise<{ pattern: string; zone_name: string }> {
  const zone = await findZone(account, serverHost.slice('*.'.length))
  const path = `zones/${zone.id}/dns_records`
  const records = await account.call<unknown[]>('Listing DNS records', { path: `${path}?name=${encodeURIComponent(serverHost)}` })
  if (records.length === 0) {
    // 100:: is the discard prefix (RFC 6666), because the Worker answers in place of an origin
    const body = { type: 'AAAA', name: serverHost, content: '100::', proxied: true, comment: 'Hosted servers of Wharf' }
    await account.call(`Creating the DNS record ${serverHost}`, { method: 'POST', path, body })
  }
  return { pattern: `${serverHost}/*`, zone_name: zone.name }
}
