import type { Finding } from './surface.ts'

/** Refuses the version. */
export function error(rule: string, subject: string, message: string): Finding {
  return { severity: 'error', rule, subject, message }
}

export function warning(rule: string, subject: string, message: string): Finding {
  return { severity: 'warning', rule, subject, message }
}

export function info(rule: string, subject: string, message: string): Finding {
  return { severity: 'info', rule, subject, message }
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error'
}
