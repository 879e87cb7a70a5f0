/** What a file that is no text really is, told by its first bytes. */
export interface BinaryFile {
  /** With article: `an .xlsx file`. */
  readonly name: string;
  readonly hint: string;
}

const EXPORT_HINT = 'Open it in the spreadsheet program and save the sheet as CSV (UTF-8), then choose the .csv file.';

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function containsText(bytes: Uint8Array, text: string): boolean {
  const limit = bytes.length - text.length;
  for (let at = 0; at <= limit; at++) {
    let k = 0;
    while (k < text.length && bytes[at + k] === text.charCodeAt(k)) k++;
    if (k === text.length) return true;
  }
  return false;
}

/** Recognises Excel, OpenDocument, zip, gzip and PDF from the head of a file (a few hundred bytes suffice); null for anything else. */
export function recogniseBinary(head: Uint8Array): BinaryFile | null {
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06])) {
    if (containsText(head, 'opendocument.spreadsheet')) return { name: 'an .ods file', hint: EXPORT_HINT };
    if (containsText(head, '[Content_Types].xml') || containsText(head, 'xl/') || containsText(head, '_rels/')) {
      return { name: 'an .xlsx file', hint: EXPORT_HINT };
    }
    return { name: 'a zip archive', hint: 'Unpack it and choose the CSV file inside.' };
  }
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]))
    return { name: 'an old Excel .xls file', hint: EXPORT_HINT };
  if (startsWith(head, [0x25, 0x50, 0x44, 0x46, 0x2d])) {
    return { name: 'a PDF file', hint: 'Choose a CSV file with one header line and one line per run.' };
  }
  if (startsWith(head, [0x1f, 0x8b, 0x08]))
    return { name: 'a gzip archive', hint: 'Unpack it and choose the CSV file inside.' };
  return null;
}
