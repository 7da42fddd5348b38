/** Fault of a field in a request body, with a JSON Pointer (RFC 6901). */
export interface FieldError {
  pointer: string
  detail: string
}

/** Error response of the management API (RFC 9457). `detail` is a sentence for developers. */
export class Problem extends Error {
  readonly status: number
  readonly title: string
  readonly errors: FieldError[]
  readonly headers: Record<string, string>
  constructor(
    status: number,
    title: string,
    detail: string,
    options: { errors?: FieldError[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause })
    this.status = status
    this.title = title
    this.errors = options.errors ?? []
    this.headers = options.headers ?? {}
  }
}

/** Returns the problem for unknown ids and for ids of other tenants, which must look alike. */
export function notFound(): Problem {
  return new Problem(404, 'Not found', 'Not found, or you have no access.')
}
