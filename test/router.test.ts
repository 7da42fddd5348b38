import { exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'

it('answers a health check and nothing it does not know', async () => {
  expect((await exports.default.fetch('http://localhost:8787/healthz')).status).toBe(200)
  expect((await exports.default.fetch('http://localhost:8787/nothing/here')).status).toBe(404)
  expect((await exports.default.fetch('http://evil.example/healthz')).status).toBe(421)
})
