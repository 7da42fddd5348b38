import { useEffect, useState, useSyncExternalStore } from 'react'
import { askForAccess, findToken, forgetToken, giveUp, type AccessToken } from './authorization.ts'
import { playgroundOf, type Playground, type PlaygroundState } from './playground.ts'
import type { Revision } from './revisions.ts'

interface Options {
  /** The MCP endpoint by path, which is the OAuth resource too. */
  resource: string
  version: number | undefined
  revision: Revision
  userId: string
  /** Anybody may read there without a token. */
  isPublic: boolean
}

export interface Played {
  playground: Playground
  state: PlaygroundState
  /** What this tab was given; undefined before somebody allowed it, and after it ended. */
  token: AccessToken | undefined
  /**
   * Leaves for the consent page and comes back here. With scopes: those beside the ones that were
   * given.
   */
  allow: (scopes?: readonly string[]) => Promise<void>
  /** Gives up what this tab was given. */
  forget: () => void
}

/** A hosted server to play with, for as long as the page is open. */
export function usePlayground({ resource, version, revision, userId, isPublic }: Options): Played {
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

  const forget = () => {
    if (token) void giveUp(resource, token, playground.wire.fetch)
    forgetToken(resource)
    setToken(undefined)
  }
  const isOver = accessToken !== undefined && state.refusedToken === accessToken
  useEffect(() => {
    if (!isOver) return
    forgetToken(resource)
    setToken(undefined)
  }, [isOver, resource])

  return {
    playground,
    state,
    token,
    allow: (scopes) =>
      askForAccess({
        resource,
        userId,
        scopes: scopes && [...new Set([...(token?.scopes ?? []), ...scopes])],
        returnTo: location.pathname + location.search,
        fetch: playground.wire.fetch,
      }),
    forget,
  }
}
