import type { UserRequest } from '../gates/user.ts'
import type { Handler } from '../request.ts'
import { json } from '../responses.ts'

export const showMe: Handler<UserRequest> = ({ user }) => json({ user })
