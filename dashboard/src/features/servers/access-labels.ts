import type { ServerBody } from '../../../../protocol/api.ts'

export const ACCESS_LABELS: Record<ServerBody['access'], string> = {
  members: 'Members only',
  'signed-in': 'Anyone signed in',
  public: 'Public',
}
