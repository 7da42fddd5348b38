import { Draft, readSaved } from '../../forms/draft.ts'
import type { Origin } from '../deploy/draft-state.tsx'
import type { ContentForm } from './form.ts'

interface Content {
  origin: Origin
  form: ContentForm
}

/** Edited prompts and documents of one hosted server. */
export class ContentDraft extends Draft<Content> {
  constructor(key: string, { origin, form }: Content, savedAt?: number) {
    super(key, { origin, form }, savedAt)
  }

  change(change: Partial<ContentForm>): void {
    this.edit({ form: { ...this.snapshot().form, ...change } })
  }

  /** Makes the new version the origin. Changes made during the deploy remain as a draft. */
  markDeployed(version: number, deployed: ContentForm): void {
    this.rebase({ origin: { version } }, this.snapshot().form !== deployed)
  }
}

/** localStorage key of a draft: one per user, tenant and hosted server. */
export function contentDraftKey(userId: string, tenant: string, server: string): string {
  return `wharf.content.${userId}/${tenant}/${server}`
}

/** Opens the draft of this browser. Undefined if there is no draft. */
export function openContentDraft(key: string): ContentDraft | undefined {
  const saved = readSaved<Content>(key, ({ form }) => Array.isArray(form?.prompts) && Array.isArray(form?.documents))
  return saved && new ContentDraft(key, saved, saved.keptAt)
}
