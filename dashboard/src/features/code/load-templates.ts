import { queryOptions } from '@tanstack/react-query'
import { ApiProblem } from '../../api.ts'
import type { Template, TemplateContent } from './templates.ts'

/** They belong to the release, so they stay as they are while the page is open. */
export const listTemplates = queryOptions({ queryKey: ['templates'], queryFn: () => load<Template[]>('index'), staleTime: Infinity })

export function loadTemplate(name: string): Promise<TemplateContent> {
  return load<TemplateContent>(name)
}

async function load<T>(name: string): Promise<T> {
  const response = await fetch(`${import.meta.env.BASE_URL}templates/${name}.json`).catch(() => undefined)
  if (!response?.ok) throw new ApiProblem(response?.status ?? 0, 'The template did not arrive', 'The platform did not answer with it.')
  return (await response.json()) as T
}
