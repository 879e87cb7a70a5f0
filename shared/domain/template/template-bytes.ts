import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

/** A template's text and what is needed to write its processed file in the same encoding. Line ends stay in the text. */
export interface TemplateText {
  readonly text: string;
  /** `single-byte`: not UTF-8, so every byte became the character of the same number and goes back unchanged. */
  readonly encoding: 'utf-8' | 'single-byte';
  /** Whether a UTF-8 byte order mark stood at the start (it is not in `text`). */
  readonly hasByteOrderMark: boolean;
}

const MAXIMUM_BYTES = 64 * 1024 * 1024;

/** Windows-1252 characters of the bytes 0x80–0x9f, for values inserted into single-byte files; blank where it has none. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** Reads a template's bytes so that encodeTemplate gives back the same bytes. */
export function decodeTemplate(bytes: Uint8Array): TemplateText {
  const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      hasByteOrderMark ? bytes.subarray(3) : bytes,
    );
    return { text, encoding: 'utf-8', hasByteOrderMark };
  } catch {
    return { text: singleByteText(bytes), encoding: 'single-byte', hasByteOrderMark: false };
  }
}

function singleByteText(bytes: Uint8Array): string {
  const chunk = 8192;
  let text = '';
  for (let i = 0; i < bytes.length; i += chunk) text += String.fromCharCode(...bytes.subarray(i, i + chunk));
  return text;
}

/** The bytes of a processed text. Fails when a value has a character that the file's single-byte encoding lacks. */
export function encodeTemplate(
  like: Pick<TemplateText, 'encoding' | 'hasByteOrderMark'>,
  text: string,
): { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> } | { readonly ok: false; readonly message: string } {
  if (like.encoding === 'utf-8') {
    return { ok: true, bytes: new TextEncoder().encode(like.hasByteOrderMark ? `\ufeff${text}` : text) };
  }
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const special = code > 255 ? WINDOWS_1252.indexOf(text[i]!) : -1;
    if (code > 255 && special < 0) {
      const character = String.fromCodePoint(text.codePointAt(i)!);
      return {
        ok: false,
        message: `The template is not UTF-8, so \`${character}\` from the run definition cannot be written into it; save the template as UTF-8.`,
      };
    }
    bytes[i] = code > 255 ? 0x80 + special : code;
  }
  return { ok: true, bytes };
}

/** TPL08: bytes that are hardly a text template. `totalBytes` is the size of the file when `bytes` is only its beginning. */
export function checkTemplateBytes(bytes: Uint8Array, file: string, totalBytes: number = bytes.length): Problem[] {
  if (totalBytes > MAXIMUM_BYTES) {
    const size = Math.round(totalBytes / 1024 / 1024);
    return [
      problem('TPL08', 'warning', `\`${file}\` has ${size} MB, which is much for a template.`, {
        file,
        hint: 'Make the large part an input file that the template includes.',
      }),
    ];
  }
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) {
    return [
      problem('TPL08', 'warning', `\`${file}\` is UTF-16, so its placeholders are not found.`, {
        file,
        hint: 'Save it as UTF-8.',
      }),
    ];
  }
  if (!bytes.includes(0)) return [];
  return [
    problem('TPL08', 'warning', `\`${file}\` is a binary file, not a text template.`, {
      file,
      hint: 'List it under `inputs`, so that it is copied as it is.',
    }),
  ];
}
