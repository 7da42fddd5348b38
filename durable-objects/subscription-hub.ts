import { DurableObject } from 'cloudflare:workers'

export class SubscriptionHub extends DurableObject<Env> {}
