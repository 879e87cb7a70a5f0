import type { ProblemPlace } from './problem-places.ts';

/** Fields that can take the focus. */
const FOCUSABLE = 'input:not([type=hidden]), textarea, [contenteditable=true], button, select';

/** Scrolls to a place of the page and focuses its field; without a field the section's title, so that the keyboard goes on from there. */
export function goToPlace(form: HTMLElement, place: ProblemPlace): void {
  const section = form.querySelector<HTMLElement>(`#section-${place.section}`);
  if (!section) return;
  const field = place.field === null ? null : fieldOf(section, place.field);
  if (field) {
    field.scrollIntoView({ block: 'center' });
    const target = field.matches(FOCUSABLE) ? field : field.querySelector<HTMLElement>(FOCUSABLE);
    target?.focus({ preventScroll: true });
    return;
  }
  section.scrollIntoView({ block: 'start' });
  // A line of a text takes the focus itself.
  if (place.line === null || place.section === 'runs' || place.section === 'files') {
    section.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }
}

/** The field of a pointer, or the nearest one around it (`/outputs/tip` for `/outputs/tip/regex/flags`). */
function fieldOf(section: HTMLElement, pointer: string): HTMLElement | null {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = section.querySelector<HTMLElement>(`[data-field="${CSS.escape(at)}"]`);
    if (found) return found;
  }
  return null;
}
