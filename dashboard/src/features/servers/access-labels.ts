import type { ServerBody } from '../../../../protocol/api.ts'

/** Who may connect, in few words. */
export const ACCESS: Record<ServerBody['access'], string> = {
  members: 'Members only',
  'signed-in': 'Anyone signed in',
  public: 'Public',
}
