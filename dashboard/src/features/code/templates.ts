import type { UploadBody } from '../../../../protocol/api.ts'

/**
 * An example server to start from. scripts/templates.ts writes the list to templates/index.json.
 */
export interface Template {
  /** Name of the folder. */
  name: string
  title: string
  description: string
  /** Hosts that the server needs to reach. */
  egress: string[]
}

/** A template including files, in templates/{name}.json. */
export interface TemplateContent extends Template {
  upload: UploadBody
}
