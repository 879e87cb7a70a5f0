/** Words at the start that are plain English; a text may also begin with the name of a file or program, whose case must stay. */
const PLAIN_START = /^(a|an|the|no|not|line|lines|row|rows|run|column|cell|header|this|quote|file)\b/;

/** A sentence of the core: what stands between backticks is code; it begins with a capital. */
export function Sentence({ text }: { readonly text: string }): React.JSX.Element {
  const shown = PLAIN_START.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return <>{shown.split('`').map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}</>;
}
