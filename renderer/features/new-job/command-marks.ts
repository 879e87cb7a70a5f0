import type { CodeMark } from '../../ui/code-view/code-marks.ts';

/** The placeholders of a command, told apart while it is typed; the check of the core has the last word. */
export function commandMarks(command: string, variables: readonly string[]): readonly CodeMark[] {
  return [...command.matchAll(/\$\{([^{}]*)\}/g)].map((match) => {
    const inside = match[1] ?? '';
    const name = /^\s*([A-Za-z_]\w*)\s*(?:[:?~|].*)?$/.exec(inside)?.[1];
    const known = name !== undefined && (name === 'run' || variables.includes(name));
    const kind = known ? 'value' : name === undefined ? 'expression' : 'unknown';
    return { offset: match.index, length: match[0].length, kind };
  });
}
