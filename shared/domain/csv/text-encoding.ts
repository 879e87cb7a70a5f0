/** Decoding without tables of the platform: what Node and browsers call `windows-1252` has differed between versions. */

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Characters of 0x80–0x9F in Windows-1252; the five unassigned bytes map to the control of the same number, as in the WHATWG table. */
const WINDOWS_1252_HIGH = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
  0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
  0x017e, 0x0178,
] as const;

/** Arguments per `fromCharCode` call: well under every engine's limit. */
const UNITS_PER_CALL = 8192;

function textOfUnits(units: Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += UNITS_PER_CALL) {
    text += String.fromCharCode(...units.subarray(at, at + UNITS_PER_CALL));
  }
  return text;
}

/** Text of Windows-1252 bytes; never fails, one UTF-16 unit per byte. */
export function decodeWindows1252(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    units[i] = byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252_HIGH[byte - 0x80]! : byte;
  }
  return textOfUnits(units);
}

/** Text of UTF-16 bytes without BOM; an odd last byte is ignored. */
export function decodeUtf16(bytes: Uint8Array, bigEndian: boolean): string {
  const units = new Uint16Array(bytes.length >> 1);
  const low = bigEndian ? 1 : 0;
  for (let i = 0; i < units.length; i++) units[i] = bytes[2 * i + low]! | (bytes[2 * i + 1 - low]! << 8);
  return textOfUnits(units);
}

/** Bytes of the UTF-8 sequence that `lead` begins, or 0 when no sequence begins with it. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/** Whether `byte` may be the second byte after `lead`: shuts out overlong forms, surrogates and code points above U+10FFFF. */
function isSecondByte(lead: number, byte: number): boolean {
  const from = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const to = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= from && byte <= to;
}

/** Offset of the first byte that is not valid UTF-8 (the lead byte of a broken or unfinished sequence), or -1. */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    const length = sequenceLength(lead);
    if (length === 0 || at + length > bytes.length) return at;
    for (let k = 1; k < length; k++) {
      const byte = bytes[at + k]!;
      if (k === 1 ? !isSecondByte(lead, byte) : (byte & 0xc0) !== 0x80) return at;
    }
    at += length;
  }
  return -1;
}

/** How many bytes at the end belong to a UTF-8 sequence that more bytes could complete (0–3). */
export function unfinishedUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}
