/** Whether the second half of a surrogate pair stands at a place of a text, so that nothing may be cut before it. */
export function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
