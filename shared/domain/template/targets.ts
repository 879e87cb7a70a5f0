import { RUN_FILES } from '../run-files.ts';
import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

/** A template and where its processed file goes in the run's folder (`/`-separated; may hold placeholders). */
export interface TemplateTarget {
  readonly from: string;
  readonly to: string;
  /** JSON pointer of the template in the job spec. */
  readonly field?: string;
}

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const MAXIMUM_NAME = 255;

/**
 * TPL07: every target must be a plain relative path that all systems can hold, and no two files may end up in the same place.
 * `inputs` are the paths of the shared input files in the run's folder; a template may replace itself.
 */
export function checkTargets(targets: readonly TemplateTarget[], inputs: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const report = ({ from, field }: TemplateTarget, message: string, hint: string): void => {
    problems.push(problem('TPL07', 'error', message, { file: from, hint, ...(field === undefined ? {} : { field }) }));
  };

  const taken = new Map<string, string>();
  for (const name of RUN_FILES) taken.set(name, 'a file that Slipway writes itself');
  const inputKeys = new Map(inputs.map((input) => [keyOf(input), input]));

  for (const target of targets) {
    const fault = pathFault(target.to);
    if (fault !== null) {
      report(target, `The target \`${printable(target.to)}\` ${fault.message}.`, fault.hint);
      continue;
    }
    const key = keyOf(target.to);
    const other = taken.get(key);
    const input = inputKeys.get(key);
    if (other !== undefined) {
      report(target, `The target \`${target.to}\` is also the place of ${other}.`, 'Give each its own name.');
    } else if (input !== undefined && keyOf(target.from) !== key) {
      report(
        target,
        `The target \`${target.to}\` would overwrite the input file \`${input}\`.`,
        'Choose another target name.',
      );
    } else {
      const folder = clashOfFileAndFolder(key, [...taken.keys(), ...inputKeys.keys()]);
      if (folder !== null) {
        report(
          target,
          `The target \`${target.to}\` clashes with \`${folder}\`: one would be the folder of the other.`,
          'Rename one of them.',
        );
      }
    }
    if (other === undefined) taken.set(key, `the template \`${target.from}\``);
  }
  return problems;
}

/** Paths that fall together on file systems which ignore case or Unicode composition. */
function keyOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/').normalize('NFC').toLowerCase();
}

function clashOfFileAndFolder(key: string, others: readonly string[]): string | null {
  return others.find((other) => other !== key && (other.startsWith(`${key}/`) || key.startsWith(`${other}/`))) ?? null;
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function pathFault(path: string): { readonly message: string; readonly hint: string } | null {
  const hint = 'Write a path inside the run folder, such as `system/controlDict`.';
  if (path.trim() === '') return { message: 'is empty', hint };
  if (/^[/\\]|^[A-Za-z]:/.test(path)) return { message: 'is absolute', hint };
  // What stands inside a placeholder is not yet a name.
  const names = path.replace(/\$\{[^}]*\}/g, 'x');
  if (names.includes('\\')) return { message: 'contains a backslash', hint: 'Separate folders with `/`.' };
  if (names.endsWith('/')) return { message: 'names a folder, not a file', hint };
  for (const name of names.split('/')) {
    const message = nameFault(name);
    if (message !== null) return { message, hint };
  }
  return null;
}

function nameFault(name: string): string | null {
  if (name === '') return 'contains `//`';
  if (name === '..') return 'leaves the run folder with `..`';
  if (name === '.') return null;
  const bad = /[\u0000-\u001f\u007f<>:"|?*]/.exec(name)?.[0];
  if (bad !== undefined) return `contains \`${printable(bad)}\`, which not every system allows in names`;
  if (WINDOWS_DEVICE.test(name)) return `contains \`${name}\`, a name that Windows reserves`;
  if (/[. ]$/.test(name))
    return `contains a name that ends with a ${name.endsWith('.') ? 'point' : 'blank'}, which Windows drops`;
  if (new TextEncoder().encode(name).length > MAXIMUM_NAME) return `contains a name longer than ${MAXIMUM_NAME} bytes`;
  return null;
}
