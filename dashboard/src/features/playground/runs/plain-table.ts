const MAX_COLUMNS = 8

const MAX_ROWS = 1000

export type Row = Record<string, unknown>

export interface PlainTable {
  columns: string[]
  rows: { index: number; row: Row }[]
}

/** Returns a table if the value is, or only contains, a list of flat objects. */
export function tableOf(value: unknown): PlainTable | undefined {
  const list = listIn(value)
  if (!list || list.length === 0 || list.length > MAX_ROWS || !list.every(isFlat)) return undefined
  const columns = [...new Set(list.flatMap((row) => Object.keys(row)))]
  return columns.length > MAX_COLUMNS ? undefined : { columns, rows: list.map((row, index) => ({ index, row })) }
}

function listIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return undefined
  const lists = Object.values(value).filter((each) => Array.isArray(each))
  return lists.length === 1 && Object.keys(value).length === 1 ? lists[0] : undefined
}

function isFlat(row: unknown): row is Row {
  return (
    typeof row === 'object' &&
    row !== null &&
    !Array.isArray(row) &&
    Object.values(row).every((each) => typeof each !== 'object' || each === null)
  )
}
