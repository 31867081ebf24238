/** Signs that RTF has words for, which the library behind the parser leaves out or takes for other signs. */
const signs: Record<string, number> = {
  emdash: 0x2014,
  endash: 0x2013,
  bullet: 0x2022,
  emspace: 0x2003,
  enspace: 0x2002,
  qmspace: 0x2005,
  "~": 0x00a0,
  _: 0x2011,
};

/** RTF with these signs written by their numbers. Data that is not text stays as it is. */
export function spellRtf(bytes: Uint8Array): Buffer {
  const rtf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const control = /\\(?:bin(\d+) ?|(emdash|endash|bullet|emspace|enspace|qmspace)(?![a-z\d-]) ?|([~_])|[\s\S])/g;
  const pieces: string[] = [];
  let done = 0;
  for (let match = control.exec(rtf); match; match = control.exec(rtf)) {
    const [whole, dataBytes, word, symbol] = match;
    if (dataBytes) control.lastIndex += Number(dataBytes);
    const sign = signs[word ?? symbol ?? ""];
    if (sign === undefined) continue;
    // A group of its own, for how many letters stand in for a number is set by what is around it.
    pieces.push(rtf.slice(done, match.index), `{\\uc1\\u${sign}?}`);
    done = match.index + whole.length;
  }
  return Buffer.from(pieces.join("") + rtf.slice(done), "latin1");
}
