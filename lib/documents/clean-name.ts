/** Any script stays; what cannot be shown or stored (control characters, lone surrogates, folders) goes. */
export function cleanName(name: string): string {
  const base = name.normalize("NFC").toWellFormed().split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\p{Cc}/gu, "").trim();
}
