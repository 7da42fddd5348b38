import { Globe, Lock, UserCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { Section } from '../../components/section.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, RadioCards, Select } from '../../components/field.tsx'
import { SaveButton } from '../../forms/save-button.tsx'
import { useSavingSettings } from '../servers/saving-settings.ts'
import { MACHINES, MACHINE_SCOPES, machinesOf } from './registered-app-scopes.ts'

const ACCESS = [
  { value: 'members', title: 'Members', icon: Lock, description: 'Members of this tenant.' },
  { value: 'signed-in', title: 'Anyone signed in', icon: UserCheck, description: 'Every user with an account on this platform.' },
  { value: 'public', title: 'Public', icon: Globe, description: 'Read-only tools need no sign-in. Other tools do.' },
] as const

const CLIENTS = [
  { value: 'any', title: 'Any app', description: 'Each user decides.' },
  { value: 'approved', title: 'Approved apps', description: 'New apps wait until an admin approves them.' },
] as const

const REGISTRATION = [
  { value: 'open', title: 'Open', description: 'Any app can register. Access still needs the consent of a user.' },
  { value: 'protected', title: 'Protected', description: 'Registration needs an initial access token.' },
  { value: 'closed', title: 'Closed', description: 'Only clients created by a member, and apps with a client metadata document.' },
] as const

const CHALLENGE = [
  { value: 'full', label: 'All scopes that the tools need' },
  { value: 'least', label: 'Read-only first, more when a tool needs it' },
] as const

/** Settings that control who may connect. */
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
    <Section title="Who may connect" about="People first, then the apps that act for them. A change takes effect within 10 seconds.">
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
        <Group title="App registration">
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
            label="Registered apps may act without a user"
            hint="By the client_credentials grant."
            error={fields.get('/machineScopes')}
          >
            <Select value={values.machines} onChange={(chosen) => change({ machines: chosen })} options={MACHINES} disabled={disabled} />
          </Field>
          <Field label="Scopes apps should request" hint="Some apps cannot request more scopes later." error={fields.get('/challenge')}>
            <Select value={values.challenge} onChange={(chosen) => change({ challenge: chosen })} options={CHALLENGE} disabled={disabled} />
          </Field>
        </div>
        {problem && <ProblemNote problem={problem} />}
        {disabled ? <p className="text-soft">Only an admin or owner can change these settings.</p> : <SaveButton {...state} />}
      </form>
    </Section>
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
