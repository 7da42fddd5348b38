/** A row of a Durable Object's SQLite holds at most 2 MB, and a message may be larger: so text is kept in parts. */

const PART = 400_000 // characters; three bytes each at the most

export function createLongTexts(sql: SqlStorage): void {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS texts (key TEXT NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID',
  )
}

export function writeText(sql: SqlStorage, key: string, text: string): void {
  deleteText(sql, key)
  for (let part = 0; part * PART < Math.max(1, text.length); part++) {
    sql.exec('INSERT INTO texts (key, part, text) VALUES (?, ?, ?)', key, part, text.slice(part * PART, (part + 1) * PART))
  }
}

export function readText(sql: SqlStorage, key: string): string {
  const parts = sql.exec<{ text: string }>('SELECT text FROM texts WHERE key = ? ORDER BY part', key).toArray()
  return parts.map(({ text }) => text).join('')
}

export function deleteText(sql: SqlStorage, key: string): void {
  sql.exec('DELETE FROM texts WHERE key = ?', key)
}
