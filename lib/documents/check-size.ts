import { Failure } from "#lib/errors.ts";

/** Throws `file_empty` or `file_too_large`. */
export function checkSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes === 0) throw new Failure("file_empty");
  if (sizeBytes > maxBytes) {
    const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
    throw new Failure("file_too_large", {
      detail: `The file has ${megabytes(sizeBytes)} MB; the limit is ${megabytes(maxBytes)} MB.`,
    });
  }
}
