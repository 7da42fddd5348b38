import type { Finding } from './surface.ts'

/** Characters of a message. A message can quote a tenant's value of any length. */
const MAX_MESSAGE = 2_500

/** Refuses the version. */
export function error(rule: string, subject: string, message: string): Finding {
  return finding('error', rule, subject, message)
}

export function warning(rule: string, subject: string, message: string): Finding {
  return finding('warning', rule, subject, message)
}

export function info(rule: string, subject: string, message: string): Finding {
  return finding('info', rule, subject, message)
}

function finding(severity: Finding['severity'], rule: string, subject: string, message: string): Finding {
  return { severity, rule, subject, message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message }
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error'
}
