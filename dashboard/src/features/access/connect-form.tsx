import type { ReactNode } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, RadioCards, Select } from '../../components/field.tsx'
import { SaveButton } from '../../forms/save-button.tsx'
import { useSavingSettings } from '../servers/saving-settings.ts'

const ACCESS = [
  { value: 'members', title: 'Members', description: 'Of this tenant only.' },
  { value: 'signed-in', title: 'Anyone signed in', description: 'Everybody with an account here.' },
  { value: 'public', title: 'Public', description: 'Reading tools without a sign-in; the others ask for one.' },
] as const
const CLIENTS = [
  { value: 'any', title: 'Any app', description: 'The person in front of it decides.' },
  { value: 'approved', title: 'Approved apps', description: 'Others wait on a list until an admin lets them in.' },
] as const
const REGISTRATION = [
  { value: 'open', title: 'Open', description: 'Apps make themselves known. They have no right until a person agrees.' },
  { value: 'protected', title: 'With a token', description: 'Only with an initial access token that you hand out.' },
  { value: 'closed', title: 'Closed', description: 'Only clients made by hand, and apps that publish a document.' },
] as const
const CHALLENGE = [
  { value: 'full', label: 'everything its tools need, at once' },
  { value: 'least', label: 'the least, and more when a tool needs it' },
] as const
const MACHINES = [
  { value: 'none', label: 'no: only clients made by hand' },
  { value: 'read', label: 'yes, for tools that only read' },
  { value: 'write', label: 'yes, for every tool' },
] as const
type Machines = (typeof MACHINES)[number]['value']

const MACHINE_SCOPES: Record<Machines, string[]> = { none: [], read: ['mcp:read'], write: ['mcp:read', 'mcp:write'] }

/** The settings that say who may connect. */
export function ConnectForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const { access, clients, registration, challenge, machineScopes } = server
  const { values, change, fields, problem, state, submit } = useSavingSettings({
    tenant,
    server: server.slug,
    name: 'connect',
    saved: { access, clients, registration, challenge, machines: machinesOf(machineScopes) },
    settings: ({ machines, ...rest }) => ({ ...rest, ...(machines && { machineScopes: MACHINE_SCOPES[machines] }) }),
  })
  const each = <T extends { value: string }>(options: readonly T[]) => options.map((option) => ({ ...option, disabled }))
  return (
    <Card title="Who may connect">
      <form className="grid gap-6" onSubmit={submit}>
        <Group title="People">
          <RadioCards
            label="People"
            options={each(ACCESS)}
            value={values.access}
            onChange={(chosen) => change({ access: chosen })}
            className="sm:grid-cols-3"
          />
        </Group>
        <Group title="Apps">
          <RadioCards label="Apps" options={each(CLIENTS)} value={values.clients} onChange={(chosen) => change({ clients: chosen })} />
        </Group>
        <Group title="How apps become known">
          <RadioCards
            label="Registration"
            options={each(REGISTRATION)}
            value={values.registration}
            onChange={(chosen) => change({ registration: chosen })}
            className="sm:grid-cols-3"
          />
        </Group>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field
            label="Apps that registered may act for themselves"
            hint="Without a person, by client credentials."
            error={fields.get('/machineScopes')}
          >
            <Select value={values.machines} onChange={(chosen) => change({ machines: chosen })} options={MACHINES} disabled={disabled} />
          </Field>
          <Field label="Apps are told to ask for" hint="Some apps cannot ask for more later." error={fields.get('/challenge')}>
            <Select value={values.challenge} onChange={(chosen) => change({ challenge: chosen })} options={CHALLENGE} disabled={disabled} />
          </Field>
        </div>
        {problem && <ProblemNote problem={problem} />}
        {disabled ? <p className="text-soft">An admin or owner can change this.</p> : <SaveButton {...state} />}
      </form>
    </Card>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="grid gap-2">
      <h3 className="font-semibold">{title}</h3>
      {children}
    </div>
  )
}

function machinesOf(scopes: readonly string[]): Machines {
  if (scopes.includes('mcp:write')) return 'write'
  return scopes.includes('mcp:read') ? 'read' : 'none'
}
