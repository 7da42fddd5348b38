import type { VersionSummaryBody } from '../../../../protocol/api.ts'

export const SOURCE_LABELS: Record<VersionSummaryBody['source'], string> = { code: 'Code', static: 'Prompts and documents' }
