import { AppWindow, Fingerprint, KeyRound, type LucideIcon, Rocket, Server, Settings, Users } from 'lucide-react'
import type { AuditAction } from '../../../../protocol/api.ts'

interface Family {
  label: string
  icon: LucideIcon
  /** First parts of the actions. */
  subjects: readonly string[]
}

/** Groups of actions, for icons and the filter. */
export const FAMILIES = {
  members: { label: 'Members', icon: Users, subjects: ['member', 'invitation'] },
  servers: { label: 'Servers', icon: Server, subjects: ['server'] },
  deploys: { label: 'Deploys', icon: Rocket, subjects: ['version'] },
  apps: { label: 'Apps', icon: AppWindow, subjects: ['grant', 'client'] },
  keys: { label: 'Keys and machines', icon: KeyRound, subjects: ['machine-grant', 'access-key', 'personal-token', 'initial-access-token'] },
  identities: { label: 'Identity providers', icon: Fingerprint, subjects: ['identity-provider', 'identity-link'] },
  tenant: { label: 'Tenant', icon: Settings, subjects: ['tenant'] },
} as const satisfies Record<string, Family>

export type FamilyName = keyof typeof FAMILIES

const names = Object.keys(FAMILIES) as FamilyName[]

export function familyOf(action: AuditAction): FamilyName {
  const [subject = ''] = action.split('.')
  return names.find((name) => (FAMILIES[name].subjects as readonly string[]).includes(subject)) ?? 'tenant'
}

export const FAMILY_OPTIONS = [
  { value: 'all' as const, label: 'All events' },
  ...names.map((value) => ({ value, label: FAMILIES[value].label })),
]

/** Returns true for an action that ends access or deletes something. */
export function isEnding(action: AuditAction): boolean {
  return /\.(?:deleted|removed|revoked|withdrawn|refused|ended|code-reused|refresh-token-reused)$/.test(action)
}
