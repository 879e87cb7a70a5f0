import type { BrowserWindow, Dialog } from 'electron';
import type { Question } from './words.ts';

/** Shows a question and waits for the answer; closing the box is its last action. */
export async function ask<A extends string>(
  dialog: Pick<Dialog, 'showMessageBox'>,
  window: BrowserWindow | null,
  kind: 'error' | 'question',
  { title, message, detail, actions }: Question<A>,
): Promise<A> {
  const options = {
    type: kind,
    title,
    message,
    detail,
    buttons: actions.map(({ label }) => label),
    defaultId: 0,
    cancelId: actions.length - 1,
    noLink: true,
  };
  const { response } = await (window === null
    ? dialog.showMessageBox(options)
    : dialog.showMessageBox(window, options));
  return (actions[response] ?? actions.at(-1)!).action;
}
