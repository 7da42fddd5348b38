import { authenticateClient } from '../clients/authentication.ts'
import { readForm } from '../clients/form.ts'
import type { Gate, IssuerClientRequest } from '../request.ts'

/** Reads the form and authenticates the client. Throws invalid_client alike if the client is unknown, of another issuer, or its credentials are wrong. */
export const withClient: Gate<IssuerClientRequest> = async (request) => {
  request.form = await readForm(request)
  request.client = await authenticateClient(request, request.form)
}
