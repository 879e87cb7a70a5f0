// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text from outside on one line, with characters written out that one does not see or that turn the text around: `\n`, `\u{202e}`. Everything else stays as it is. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (c) => {
    if (c === '\n') return '\\n';
    if (c === '\r') return '\\r';
    if (c === '\t') return '\\t';
    return `\\u{${c.charCodeAt(0).toString(16)}}`;
  });
}
