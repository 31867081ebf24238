import { z } from "zod";

/** Text from outside as the database takes it: without NUL, and without halves of surrogate pairs. */
export const inputText = z
  .string()
  .refine((text) => !text.includes("\0") && text.isWellFormed(), "it has characters that cannot be stored");

/** An id from outside, written as the database writes it. */
export const inputId = z.uuid().toLowerCase();
