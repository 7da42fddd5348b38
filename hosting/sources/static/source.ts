import { ErrorCode, McpError } from '../../../protocol/mcp/errors.ts'
import type { Finding, Surface } from '../../../protocol/versions/surface.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import type { Answer, Call, McpRequest, SourceContext } from '../source.ts'
import { methodNotFound } from '../../../protocol/mcp/errors.ts'
import { SurfaceSource } from '../surface-source.ts'
import { complete, getPrompt, readResource } from './answers.ts'
import { findContent, type StaticContent, type StaticVersion } from './content.ts'
import { checkManifest, toSurface } from './surface.ts'

/**
 * Serves prompts, resources and instructions from the data of a manifest. Runs no code of a tenant.
 */
export class StaticSource extends SurfaceSource {
  readonly #version: StaticVersion
  readonly #env: Env

  constructor(version: StaticVersion, { env }: Pick<SourceContext, 'env'>) {
    super()
    this.#version = version
    this.#env = env
  }

  async declareSurface({ tenantId, server }: HostedServer): Promise<{ surface: Surface; findings: Finding[] }> {
    const { manifest } = await findContent(this.#env, tenantId, this.#version)
    return { surface: toSurface(manifest, server), findings: checkManifest(manifest) }
  }

  protected async run({ method, params }: McpRequest, { server }: Call): Promise<Answer> {
    const content = await this.#content(server)
    switch (method) {
      case 'prompts/get':
        return getPrompt(content, params)
      case 'resources/read':
        return readResource(content, params)
      case 'completion/complete':
        return complete(content, params)
      default:
        return { error: methodNotFound(method) }
    }
  }

  async #content(server: HostedServer): Promise<StaticContent> {
    try {
      return await findContent(this.#env, server.tenantId, this.#version)
    } catch (cause) {
      console.error(
        JSON.stringify({ event: 'static-content-unavailable', server: server.id, version: this.#version.number, error: String(cause) }),
      )
      const message = 'The data of this version cannot be read at the moment. Try again shortly.'
      throw new McpError(503, ErrorCode.internalError, message, { headers: { 'Retry-After': '5' }, cause })
    }
  }
}
