import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** Puts the page's nonce (`<meta name="csp-nonce">`) on the style elements that an editor makes; nothing without one. */
export function cspNonce(): Extension {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  return nonce === '' ? [] : EditorView.cspNonce.of(nonce);
}
