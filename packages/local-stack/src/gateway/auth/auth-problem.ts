/** A refusal in the Auth API's own form: `code` is the HTTP status, `error_code` what supabase-js reads. */
export class AuthProblem extends Error {
  override name = 'AuthProblem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  toResponse(): Response {
    return Response.json(
      { code: this.status, error_code: this.code, msg: this.message },
      { status: this.status, headers: { 'x-sb-error-code': this.code } },
    );
  }
}
