import { queryOptions } from '@tanstack/react-query'
import { ApiProblem } from '../../api.ts'
import type { Template, TemplateContent } from './templates.ts'

/** Templates are part of the release, so the list never becomes stale. */
export const listTemplates = queryOptions({ queryKey: ['templates'], queryFn: () => load<Template[]>('index'), staleTime: Infinity })

export function loadTemplate(name: string): Promise<TemplateContent> {
  return load<TemplateContent>(name)
}

async function load<T>(name: string): Promise<T> {
  const response = await fetch(`${import.meta.env.BASE_URL}templates/${name}.json`).catch(() => undefined)
  if (!response?.ok) throw new ApiProblem(response?.status ?? 0, 'Template not loaded', 'The platform did not return the template.')
  return (await response.json()) as T
}
