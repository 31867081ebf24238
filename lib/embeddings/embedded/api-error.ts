/** An error as OpenAI words it: status and the fields of its body. */
export interface ApiError {
  status: number;
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

export function badRequest(message: string, param: string | null = null, code: string | null = null): ApiError {
  return { status: 400, message, type: "invalid_request_error", param, code };
}

export function errorBody({ message, type, param, code }: ApiError): string {
  return JSON.stringify({ error: { message, type, param, code } });
}
