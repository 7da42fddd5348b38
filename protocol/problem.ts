/** One thing wrong with one field of a request body, by JSON Pointer (RFC 6901). */
export interface FieldError {
  pointer: string
  detail: string
}

/** A failure of the management API, in the form of RFC 9457. `detail` is a sentence a developer can act on. */
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

/** What an unknown and a foreign id alike are answered with. */
export function notFound(): Problem {
  return new Problem(404, 'Not found', 'There is nothing here, or you may not see it.')
}
