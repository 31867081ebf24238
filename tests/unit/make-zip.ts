import { crc32, deflateRawSync } from "node:zlib";

const emptyPacked = deflateRawSync(Buffer.alloc(0));

export interface ZipMember {
  name: string;
  data: string | Buffer;
  /** Lets a member lie about what it unpacks to. */
  declaredSize?: number;
  /** Not packed. */
  stored?: boolean;
}

/** A ZIP archive with these members, packed. */
export function makeZip(members: ZipMember[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, declaredSize, stored = false } of members) {
    const bytes = Buffer.from(data);
    const packed = stored ? bytes : bytes.length === 0 ? emptyPacked : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(declaredSize ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const offset = Buffer.alloc(14);
    offset.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, offset, Buffer.from(name));
    files.push(Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed);
    at += 4 + common.length + name.length + packed.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, entries, end]);
}

const wordNamespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const officeDocument = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";

/** A Word document with this body, and other members if wanted. */
export function makeDocx(body: string, others: ZipMember[] = []): Buffer {
  const main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
  return makeZip([
    {
      name: "[Content_Types].xml",
      data: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    },
    {
      name: "_rels/.rels",
      data: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${officeDocument}" Target="word/document.xml"/></Relationships>`,
    },
    { name: "word/document.xml", data: `<w:document xmlns:w="${wordNamespace}"><w:body>${body}</w:body></w:document>` },
    ...others,
  ]);
}
