const slices = 12;
const sliceLength = 400;

/** Pieces of a text, evenly spread over it, each short; all of it when it is short. */
export function sampleText(text: string): string[] {
  const count = Math.min(slices, Math.max(1, Math.floor(text.length / sliceLength)));
  const stride = text.length / count;
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor(index * stride);
    return text.slice(start, start + sliceLength);
  });
}
