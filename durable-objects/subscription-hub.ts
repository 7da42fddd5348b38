import { DurableObject } from 'cloudflare:workers'

export class SubscriptionHub extends DurableObject<Env> {
  /** A grant has ended: its open streams close. There are none before subscriptions are served. */
  endGrant(_grantId: string): void {}
}
