/**
 * SQL that counts the envelopes of hosting/vault.ts by the id of their key, in rows of `key` and
 * `count`. An envelope starts with `v1.{key id}.`.
 */
export const COUNT_SEALED_SQL = `
  SELECT substr(envelope, 4, instr(substr(envelope, 4), '.') - 1) AS key, count(*) AS count
  FROM (SELECT environment AS envelope FROM hosted_servers UNION ALL SELECT client_secret FROM identity_providers)
  WHERE envelope IS NOT NULL GROUP BY key ORDER BY key`
