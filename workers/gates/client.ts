import { authenticateClient } from '../clients/authentication.ts'
import { readForm } from '../clients/form.ts'
import type { Gate, IssuerClientRequest } from '../request.ts'

/**
 * Reads the form and authenticates the client. Unknown clients, clients of other issuers and wrong
 * credentials get the same invalid_client.
 */
export const withClient: Gate<IssuerClientRequest> = async (request) => {
  request.form = await readForm(request)
  request.client = await authenticateClient(request, request.form)
}
