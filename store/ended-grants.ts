import { z } from 'zod'
import { grants } from './schema/grants.ts'

/** A grant, machine grant or access key that has ended. Its open streams are still to be closed. */
export interface EndedGrant {
  id: string
  serverId: string
}

export const endedGrant = { id: grants.id, serverId: grants.serverId }

/** Parses rows of {@link endedGrant} from a batch whose results have lost their types. */
export const endedGrants: z.ZodType<EndedGrant[]> = z.array(z.object({ id: z.string(), serverId: z.string() }))
