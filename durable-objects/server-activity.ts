import { DurableObject } from 'cloudflare:workers'

export class ServerActivity extends DurableObject<Env> {}
