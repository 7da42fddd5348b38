import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import type { Template, TemplateContent } from '../dashboard/src/features/code/templates.ts'
import { bundle } from './bundle.ts'

/**
 * Vite plugin for templates made of the examples. `templates/index.json` lists the templates.
 * `templates/{name}.json` has sources and a bundle ready to upload, so a first server needs no
 * bundler. `wharf.order` in package.json gives the position. Examples without `wharf` are omitted.
 */
export function templates(directory: string): Plugin {
  return {
    name: 'wharf-templates',
    apply: 'build',
    async generateBundle() {
      const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
      const found = (await Promise.all(names.map((name) => readTemplate(join(directory, name))))).filter((each) => each !== undefined)
      const listed = found.toSorted((a, b) => a.order - b.order).map(({ template }) => template)
      this.emitFile({ type: 'asset', fileName: 'templates/index.json', source: JSON.stringify(listed) })
      for (const { template, upload } of found) {
        const content: TemplateContent = { ...template, upload }
        this.emitFile({ type: 'asset', fileName: `templates/${template.name}.json`, source: JSON.stringify(content) })
      }
    },
  }
}

async function readTemplate(directory: string) {
  const { name, description, wharf } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    name: string
    description: string
    wharf?: { order: number; title: string; egress?: string[] }
  }
  if (!wharf) return undefined
  const template: Template = { name, title: wharf.title, description, egress: wharf.egress ?? [] }
  return { order: wharf.order, template, upload: await bundle(directory) }
}
