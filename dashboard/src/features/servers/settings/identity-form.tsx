import type { ServerBody } from '../../../../../protocol/api.ts'
import { Section } from '../../../components/section.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Field, TextArea, TextInput } from '../../../components/field.tsx'
import { SaveButton } from '../../../forms/save-button.tsx'
import { useSavingSettings } from '../saving-settings.ts'

/** Name, description and icon of a hosted server. */
export function IdentityForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const { name, description, icon } = server
  const { values, change, fields, problem, state, submit } = useSavingSettings({
    tenant,
    server: server.slug,
    name: 'identity',
    saved: { name, description, icon: icon ?? '' },
    settings: (changed) => ({ ...changed, ...(changed.icon !== undefined && { icon: changed.icon.trim() || null }) }),
    done: 'Saved.',
  })
  return (
    <Section title="Name and description" about="Shown on the public page, on the consent page and to apps.">
      <form className="grid max-w-xl gap-5" onSubmit={submit}>
        <Field label="Name" hint="Shown on the consent page." error={fields.get('/name')}>
          <TextInput
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            maxLength={64}
            required
            disabled={disabled}
          />
        </Field>
        <Field label="Description" optional error={fields.get('/description')}>
          <TextArea
            value={values.description}
            onChange={(event) => change({ description: event.target.value })}
            maxLength={1000}
            rows={3}
            disabled={disabled}
          />
        </Field>
        <Field
          label="Icon"
          optional
          hint="An https URL. Apps may show the icon; Wharf’s pages do not load external images."
          error={fields.get('/icon')}
        >
          <TextInput
            type="url"
            value={values.icon}
            onChange={(event) => change({ icon: event.target.value })}
            maxLength={2048}
            placeholder="https://example.com/icon.png"
            disabled={disabled}
          />
        </Field>
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {!disabled && <SaveButton {...state} />}
      </form>
    </Section>
  )
}
