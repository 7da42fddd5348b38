import { openStore } from '../../store/index.ts'
import type { Gate, AppRequest } from '../request.ts'

export const withStore: Gate<AppRequest> = (request, env) => {
  request.store = openStore(env)
}
