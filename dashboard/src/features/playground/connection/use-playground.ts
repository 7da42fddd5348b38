import { useEffect, useState, useSyncExternalStore } from 'react'
import { requestAccess, findToken, forgetToken, revokeToken, type AccessToken } from './authorization.ts'
import { playgroundOf, type Playground, type PlaygroundState } from './playground.ts'
import type { Revision } from './revisions.ts'

interface Options {
  /** Endpoint by path: the OAuth resource. */
  resource: string
  version: number | undefined
  revision: Revision
  userId: string
  /** Read-only calls need no token. */
  isPublic: boolean
}

export interface PlaygroundHandle {
  playground: Playground
  state: PlaygroundState
  /** Token of the tab. Undefined before the user allows access, and after the token ends. */
  token: AccessToken | undefined
  /** Opens the consent page. Adds `scopes` to the granted scopes. */
  allow: (scopes?: readonly string[]) => Promise<void>
  /** Revokes and deletes the token. */
  disconnect: () => void
}

/** Connects the page to the playground of a hosted server while the page is open. */
export function usePlayground({ resource, version, revision, userId, isPublic }: Options): PlaygroundHandle {
  const playground = playgroundOf(resource)
  const state = useSyncExternalStore(playground.subscribe, playground.read)
  const [token, setToken] = useState(() => findToken({ resource, userId }, Date.now()))
  const accessToken = token?.accessToken

  useEffect(() => {
    const url = version === undefined ? resource : `${resource}/versions/${version}`
    playground.use({ url, version, revision, accessToken })
    if (accessToken !== undefined || isPublic) void playground.refresh()
    return () => playground.disconnect()
  }, [playground, resource, version, revision, accessToken, isPublic])

  const disconnect = () => {
    if (token) void revokeToken(resource, token, playground.wire.fetch)
    forgetToken(resource)
    setToken(undefined)
  }
  const isRejected = accessToken !== undefined && state.rejectedToken === accessToken
  useEffect(() => {
    if (!isRejected) return
    forgetToken(resource)
    setToken(undefined)
  }, [isRejected, resource])

  return {
    playground,
    state,
    token,
    allow: (scopes) =>
      requestAccess({
        resource,
        userId,
        scopes: scopes && [...new Set([...(token?.scopes ?? []), ...scopes])],
        returnTo: location.pathname + location.search,
        fetch: playground.wire.fetch,
      }),
    disconnect,
  }
}
