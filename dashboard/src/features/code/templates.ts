import type { UploadBody } from '../../../../protocol/api.ts'

/** An example to begin with, as scripts/templates.ts lists it in templates/index.json. */
export interface Template {
  /** Its folder's name, and a slug to suggest. */
  name: string
  title: string
  description: string
  /** Hosts it needs to reach. */
  egress: string[]
}

/** One template whole: templates/{name}.json. */
export interface TemplateContent extends Template {
  upload: UploadBody
}
