import { Failure } from "#lib/errors.ts";

/** Throws `file_empty` or `file_too_large`. */
export function checkSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes === 0) throw new Failure("file_empty");
  if (sizeBytes > maxBytes) throw tooLarge(maxBytes, sizeBytes);
}

/** `file_too_large`, for a file of which the size may not be known to its end. */
export function tooLarge(maxBytes: number, sizeBytes?: number): Failure {
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  const size = sizeBytes === undefined ? `more than ${megabytes(maxBytes)}` : megabytes(sizeBytes);
  return new Failure("file_too_large", {
    detail: `The file has ${size} MB; the limit is ${megabytes(maxBytes)} MB.`,
  });
}
