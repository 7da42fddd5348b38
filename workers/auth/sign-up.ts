import { APIError } from 'better-auth/api'
import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD } from '../../protocol/password.ts'
import { MAX_NAME_CHARACTERS, visibleName } from '../../protocol/visible-text.ts'
import { html, page } from '../pages/page.ts'
import type { AppRequest, Handler } from '../request.ts'
import { tooManyAttempts, withinAuthLimit } from './attempts.ts'
import { closedReason, maySignUp } from './may-sign-up.ts'
import { providerButtons } from './provider-buttons.ts'
import { continuePath, formActionOf, isInvitation } from './continue-path.ts'
import { nextOf } from './sign-in.ts'
import { authEngine } from '../auth-engine.ts'
import { readPageForm } from '../pages/form.ts'
import { seeOther } from '../responses.ts'

const person = z.object({
  name: z.string('Enter your name.').transform((text, context) => {
    const { name, problem } = visibleName(text)
    if (problem === undefined) return name
    context.addIssue({ code: 'custom', message: problem === 'is empty' ? 'Enter your name.' : `The name ${problem}.` })
    return z.NEVER
  }),
  email: z.email('Enter a valid e-mail address.').max(320),
  password: z
    .string()
    .min(MIN_PASSWORD, `The password must have at least ${MIN_PASSWORD} characters.`)
    .max(MAX_PASSWORD, `The password may have at most ${MAX_PASSWORD} characters.`),
})

interface State {
  next: string
  name?: string
  email?: string
  fault?: string
  status?: number
}

export const showSignUp: Handler<AppRequest> = async (request) => {
  const { env } = request
  const next = nextOf(request)
  return (await maySignUp(request, next)) ? signUpPage(request, { next }) : closedPage(env, next)
}

export const signUp: Handler<AppRequest> = async (request) => {
  const { env } = request
  const form = await readPageForm(request)
  const next = continuePath(form['continue'], request.addresses.origin)
  if (!(await withinAuthLimit(request, form['email'] ?? ''))) return tooManyAttempts()
  if (!(await maySignUp(request, next))) return closedPage(env, next)
  const { name, email } = form
  const again = (fault: string, status: number) =>
    signUpPage(request, { next, fault, status, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) })
  const parsed = person.safeParse(form)
  if (!parsed.success) return again(parsed.error.issues[0]?.message ?? 'The form is incomplete.', 400)
  const headers = await addAccount(request, parsed.data)
  return headers ? seeOther(`/auth/sign-in?after=sign-up&continue=${encodeURIComponent(next)}`, headers) : again(REFUSED, 400)
}

const REFUSED = 'The account could not be created. Check the fields.'

/**
 * Creates the account and returns the headers of its sign-in. An address with an account gets the
 * same reply after the same work, so sign-up does not tell which addresses have an account: the
 * right password signs in, any other password gets a cookie that signs nobody in. Undefined if the
 * fields are refused.
 */
async function addAccount({ env, headers }: AppRequest, asked: z.infer<typeof person>): Promise<Headers | undefined> {
  const { api } = authEngine(env)
  const { email, password } = asked
  try {
    return (await api.signUpEmail({ body: asked, headers, returnHeaders: true })).headers
  } catch (error) {
    if (!(error instanceof APIError) || error.statusCode >= 500) throw error
    if (error.statusCode !== ADDRESS_TAKEN) return undefined
  }
  try {
    return (await api.signInEmail({ body: { email, password }, headers, returnHeaders: true })).headers
  } catch (error) {
    if (!(error instanceof APIError) || error.statusCode >= 500) throw error
    return (await api.signInNowhere({ headers, returnHeaders: true })).headers
  }
}

/** Status of better-auth for an address with an account. */
const ADDRESS_TAKEN = 422

function closedPage(env: Env, next: string): Response {
  const { title, detail } = closedReason(env)
  return page({
    title: 'Sign-up is closed',
    status: 403,
    body: html`<h1>${title}</h1>
      <p>${detail}</p>
      <p><a href="/auth/sign-in?continue=${encodeURIComponent(next)}">Sign in</a></p>`,
  })
}

async function signUpPage(request: AppRequest, { next, name = '', email = '', fault, status = 200 }: State): Promise<Response> {
  const formAction = await formActionOf(request, next)
  return page({
    title: 'Create account',
    formAction,
    status,
    body: html`
      <h1>Create account</h1>
      ${fault ? html`<p class="error" role="alert">${fault}</p>` : ''}
      ${isInvitation(next) ? html`<p>You have an invitation. Create an account to see the invitation and join.</p>` : ''}
      <form method="post" action="/auth/sign-up">
        <input type="hidden" name="continue" value="${next}" />
        <label
          >Your name<input name="name" autocomplete="name" value="${name}" maxlength="${MAX_NAME_CHARACTERS}" required autofocus
        /></label>
        <label>E-mail address<input name="email" type="email" autocomplete="username" value="${email}" maxlength="320" required /></label>
        <label>
          Password <small>At least ${MIN_PASSWORD} characters</small>
          <input
            name="password"
            type="password"
            autocomplete="new-password"
            minlength="${MIN_PASSWORD}"
            maxlength="${MAX_PASSWORD}"
            required
          />
        </label>
        <button type="submit">Create account</button>
      </form>
      ${providerButtons(request.env, [], next)}
      <p class="soft actions">Have an account? <a href="/auth/sign-in?continue=${encodeURIComponent(next)}">Sign in</a></p>
    `,
  })
}
