import type { VersionSummaryBody } from '../../../../protocol/api.ts'

/** Names of sources on pages. */
export const SOURCE_LABELS: Record<VersionSummaryBody['source'], string> = { code: 'Code', static: 'Prompts and documents' }
