import { ErrorSchemaBuilder, ROOT_SCHEMA_PREFIX, withIdRefPrefix, type RJSFSchema, type ValidatorType } from '@rjsf/utils'
import { faultsOf, inexactNumbers, type Fault, type Schema } from './faults.ts'

type Data = Record<string, unknown>

/** Adapts {@link faultsOf} to the validator interface of the form library. */
export const validator: ValidatorType<Data, RJSFSchema> = {
  validateFormData(data, schema) {
    const builder = new ErrorSchemaBuilder<Data>()
    const errors = [...faults(schema, data), ...inexactNumbers(data)].map(({ path, message }) => {
      builder.addErrors(message, path)
      return { name: 'fault', property: path.join('.'), message, stack: `${path.join('.')} ${message}` }
    })
    return { errors, errorSchema: builder.ErrorSchema }
  },
  isValid(schema, data, rootSchema) {
    const root = { id: ROOT_SCHEMA_PREFIX, schema: { ...rootSchema, $id: ROOT_SCHEMA_PREFIX } }
    return faults(withIdRefPrefix(schema) as Schema, data, root).length === 0
  },
  rawValidation(schema, data) {
    return { errors: faults(schema, data) as never[] }
  },
}

/** Accepts every value if the schema is invalid, because the hosted server validates anyway. */
function faults(schema: Schema, data: unknown, definitions?: { id: string; schema: Schema }): Fault[] {
  try {
    return faultsOf(schema, data, definitions)
  } catch {
    return []
  }
}
