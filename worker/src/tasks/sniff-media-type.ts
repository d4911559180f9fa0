/** What a picture or clip may be, told by its first bytes and never by what its sender says. */
export interface MediaType {
  readonly contentType: string;
  readonly extension: string;
}

interface Signature extends MediaType {
  /** Hex of the bytes at `offset`; `..` is any byte. */
  readonly hex: string;
  readonly offset?: number;
}

/**
 * Everything that may be stored. HTML and SVG are left out on purpose: they carry scripts.
 * Source of the byte patterns: mimesniff.spec.whatwg.org, ISO 14496-12 (ftyp brands), RFC 6350 (vCard).
 */
const signatures: readonly Signature[] = [
  { contentType: 'image/jpeg', extension: 'jpg', hex: 'ffd8ff' },
  { contentType: 'image/png', extension: 'png', hex: '89504e470d0a1a0a' },
  { contentType: 'image/gif', extension: 'gif', hex: '47494638..61' },
  { contentType: 'image/webp', extension: 'webp', hex: '52494646........57454250' },
  { contentType: 'image/heic', extension: 'heic', hex: '6674797068656963', offset: 4 },
  { contentType: 'image/heic', extension: 'heic', hex: '667479706d696631', offset: 4 },
  { contentType: 'video/3gpp', extension: '3gp', hex: '66747970336770', offset: 4 },
  { contentType: 'video/quicktime', extension: 'mov', hex: '6674797071742020', offset: 4 },
  { contentType: 'audio/mp4', extension: 'm4a', hex: '667479704d344120', offset: 4 },
  { contentType: 'video/mp4', extension: 'mp4', hex: '66747970', offset: 4 },
  { contentType: 'audio/amr', extension: 'amr', hex: '2321414d52' },
  { contentType: 'audio/ogg', extension: 'ogg', hex: '4f676753' },
  { contentType: 'audio/mpeg', extension: 'mp3', hex: '494433' },
  { contentType: 'audio/mpeg', extension: 'mp3', hex: 'fffb' },
  { contentType: 'audio/wav', extension: 'wav', hex: '52494646........57415645' },
  { contentType: 'application/pdf', extension: 'pdf', hex: '255044462d' },
  { contentType: 'text/vcard', extension: 'vcf', hex: '424547494e3a5643415244' },
];

/** Null for anything that is not on the list. */
export function sniffMediaType(bytes: Uint8Array): MediaType | null {
  const found = signatures.find((signature) => matches(bytes, signature));
  return found === undefined ? null : { contentType: found.contentType, extension: found.extension };
}

function matches(bytes: Uint8Array, signature: Signature): boolean {
  const pattern = signature.hex.match(/../g) ?? [];
  return pattern.every((pair, index) => {
    const byte = bytes[(signature.offset ?? 0) + index];
    return byte !== undefined && (pair === '..' || byte === Number.parseInt(pair, 16));
  });
}
