import { AuthorizationError, type AuthRequest } from '@cloudflare/workers-oauth-provider'
import { z } from 'zod'
import { serverUrls, type ServerUrls } from '../../protocol/location.ts'
import { OAuthError } from '../../protocol/oauth/errors.ts'
import { Conflict } from '../../store/guard.ts'
import { findSignedIn, type SignedIn } from '../gates/user.ts'
import type { Handler, ServerRequest } from '../request.ts'
import { checkAccess, errorUrl, redirect } from './authorize.ts'
import { tellGrantEnded } from './end-grant.ts'
import { orFaultPage, PageFault } from './fault-page.ts'
import { readForm } from './form.ts'
import { openEngine, type Engine } from './provider.ts'
import { resolveClient } from './resolve-client.ts'

/** The page's form. What else is sent with it is not looked at: the request is the one that was shown, from storage. */
const decisionForm = z.object({ handle: z.string().min(1).max(200), form: z.enum(['path', 'host']), decision: z.enum(['approve', 'deny']) })

type Decision = z.infer<typeof decisionForm>

/** What authorize.ts sealed into the transaction, beside the engine's own. */
const boundRequest = z.object({
  userId: z.string(),
  signInId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  state: z.string(),
  scope: z.array(z.string()),
  documentHash: z.string().optional(),
})

/** The user's decision, behind the gate that keeps other sites' forms out. The handle is used up in the same batch that stores the grant. */
export const consent: Handler<ServerRequest> = (request, env, ctx) =>
  orFaultPage(async () => {
    const decision = await readDecision(request)
    const signedIn = await findSignedIn(request, env)
    if (!signedIn) throw new PageFault(403, 'You are not signed in any more', 'Start again in the app.')
    try {
      return await decide(request, decision, signedIn, env, ctx)
    } catch (error) {
      if (error instanceof AuthorizationError || error instanceof Conflict) {
        throw new PageFault(
          400,
          'This was used already',
          'The request was answered before, has expired, or was started in another browser. Start again in the app.',
        )
      }
      throw error
    }
  })

async function readDecision(request: ServerRequest): Promise<Decision> {
  try {
    return decisionForm.parse(Object.fromEntries(await readForm(request)))
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof OAuthError)
      throw new PageFault(400, 'This form is not complete', 'Start again in the app.')
    throw error
  }
}

async function decide(
  request: ServerRequest,
  { handle, form, decision }: Decision,
  signedIn: SignedIn,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  const { store, server, addresses } = request
  if (form === 'host' && !addresses.serverHost) throw new PageFault(400, 'This form is not complete', 'Start again in the app.')
  const urls = serverUrls(server, form, addresses)
  const asPosted = request as unknown as Request

  const engine = openEngine({ store, server, urls, now: new Date() })
  const api = engine.authorizationServer.getOAuthApi(engine.env)
  const denied = decision === 'deny' ? await api.denyConsent(asPosted, handle, { description: 'the user declined' }) : undefined
  const answered = denied ?? (await api.approveConsent(asPosted, handle))
  const asked = boundRequest.parse(answered.request)
  if (asked.userId !== signedIn.user.id || asked.signInId !== signedIn.signInId) {
    throw new PageFault(
      403,
      'This request is somebody else’s',
      'It was opened by another user, or before you signed in again. Start again in the app.',
    )
  }
  const location = denied?.redirectTo ?? (await approve(request, engine, answered.request, asked, signedIn, urls, env, ctx))

  // stored before the browser moves on
  for (const ended of await engine.records.commit()) tellGrantEnded(ended, env, ctx)
  const cookies = answered.headers.getSetCookie().map((cookie): [string, string] => ['Set-Cookie', cookie])
  return redirect(303, location, cookies)
}

/** Where the browser goes with the code; or, where this user or client has been shut out since the page was shown, with the error. */
async function approve(
  request: ServerRequest,
  engine: Engine,
  approved: AuthRequest,
  asked: z.infer<typeof boundRequest>,
  signedIn: SignedIn,
  urls: ServerUrls,
  env: Env,
  ctx: ExecutionContext,
): Promise<string> {
  const client = await resolveClient(request, urls, asked.clientId, env, ctx)
  if (!client) throw new PageFault(400, 'This app is not known here any more', 'The app has to register again.')
  if (client.documentHash !== asked.documentHash) {
    throw new PageFault(400, 'This app has changed', 'What it says of itself is not what you were shown any more. Start again in the app.')
  }
  try {
    await checkAccess(request, client, signedIn)
  } catch (error) {
    if (error instanceof OAuthError) return errorUrl({ ...asked, issuer: urls.issuer }, error)
    throw error
  }
  engine.records.introduce(client)
  const { redirectTo } = await engine.authorizationServer.getOAuthApi(engine.env).completeAuthorization({
    request: approved,
    userId: signedIn.user.id,
    scope: asked.scope,
    metadata: { clientName: client.name ?? '', tools: null, documentHash: client.documentHash ?? null },
    props: {},
    revokeExistingGrants: false, // every installation of an app shares its client id, and two laptops must not sign each other out
  })
  return redirectTo
}
