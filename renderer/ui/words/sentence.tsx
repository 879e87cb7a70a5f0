/** A sentence of the core: what stands between backticks is code. */
export function Sentence({ text }: { readonly text: string }): React.JSX.Element {
  return <>{text.split('`').map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}</>;
}
