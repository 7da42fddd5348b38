/** Text of any length in SQLite, stored in parts, because a row holds at most 2 MB. */

const PART_LENGTH = 400_000 // characters, at most three bytes per character

export function createLongTexts(sql: SqlStorage): void {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS texts (key TEXT NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID',
  )
}

export function writeText(sql: SqlStorage, key: string, text: string): void {
  deleteText(sql, key)
  for (const [part, each] of partsOf(text).entries()) sql.exec('INSERT INTO texts (key, part, text) VALUES (?, ?, ?)', key, part, each)
}

/**
 * Splits text between characters. Never splits a surrogate pair, because UTF-8 cannot store half a
 * pair.
 */
function partsOf(text: string): string[] {
  const parts: string[] = []
  for (let start = 0; start < text.length || parts.length === 0;) {
    const last = text.charCodeAt(start + PART_LENGTH - 1)
    const end = start + PART_LENGTH - (last >= 0xd800 && last <= 0xdbff ? 1 : 0)
    parts.push(text.slice(start, end))
    start = end
  }
  return parts
}

export function readText(sql: SqlStorage, key: string): string {
  const parts = sql.exec<{ text: string }>('SELECT text FROM texts WHERE key = ? ORDER BY part', key).toArray()
  return parts.map(({ text }) => text).join('')
}

export function deleteText(sql: SqlStorage, key: string): void {
  sql.exec('DELETE FROM texts WHERE key = ?', key)
}
