import { basename } from 'node:path';
import type { FileEntry } from '../../../shared/contract/common.ts';
import { defaultTarget } from '../../../shared/domain/template/index.ts';

/** Files that are not given to runs unless somebody says so. */
const NOT_INPUTS = /(^|\/)(slipway\.(ya?ml|json)|readme(\.\w+)?|licen[sc]e(\.\w+)?|\..*)$/i;
const TEMPLATE = /\.(template|tmpl|tpl)$/i;

/** How a file that is there is usually run; the first that matches wins. */
const COMMANDS: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/^run\.sh$/, () => 'sh run.sh'],
  [/^Allrun$/, () => './Allrun'],
  [/\.inp$/i, (name) => `ccx -i ${name.replace(/\.inp$/i, '')}`],
  [/\.geo$/i, (name) => `gmsh -3 ${name}`],
  [/\.py$/i, (name) => `python3 ${name}`],
  [/\.m$/i, (name) => `octave-cli ${name}`],
  [/\.(mjs|cjs|js)$/i, (name) => `node ${name}`],
  [/\.sh$/i, (name) => `sh ${name}`],
];

/** The parts that files play when nobody has said so: what a person would pick in a folder. */
export interface Proposal {
  readonly runs: string | null;
  readonly templates: readonly { readonly from: string; readonly to: string }[];
  readonly inputs: readonly string[];
  readonly command: string | null;
}

/** Top-level CSV with a telling name first, else the only CSV. */
function chooseRuns(files: readonly FileEntry[]): string | null {
  const csv = files
    .filter((f) => f.kind === 'file' && /\.(csv|tsv)$/i.test(f.path) && !f.path.includes('/'))
    .map((f) => f.path);
  const named = csv.find((path) => /^(runs?|doe|design|cases|sweep|parameters|params|inputs)\b/i.test(path));
  return named ?? (csv.length === 1 ? csv[0]! : null);
}

export function proposeParts(files: readonly FileEntry[]): Proposal {
  const runs = chooseRuns(files);
  const templates = files
    .filter((f) => f.kind === 'file' && TEMPLATE.test(f.path))
    .map((f) => ({ from: f.path, to: defaultTarget(f.path) }));
  const inputs: string[] = [];
  for (const entry of files) {
    if (entry.path.includes('/') || entry.path === runs || NOT_INPUTS.test(entry.path) || TEMPLATE.test(entry.path))
      continue;
    if (entry.kind === 'folder') {
      const inside = files.filter((f) => f.kind === 'file' && f.path.startsWith(`${entry.path}/`));
      const plain = inside.filter((f) => !TEMPLATE.test(f.path));
      if (plain.length === inside.length) inputs.push(`${entry.path}/`);
      else inputs.push(...plain.map((f) => f.path));
    } else if (entry.kind === 'file') inputs.push(entry.path);
  }
  const candidates = [...templates.map((t) => t.to), ...inputs].map((path) => basename(path));
  let command: string | null = null;
  for (const [pattern, make] of COMMANDS) {
    const found = candidates.find((name) => pattern.test(name));
    if (found !== undefined) {
      command = make(found);
      break;
    }
  }
  return { runs, templates, inputs, command };
}

/** A spec for a folder without one, as it would stand in slipway.yaml. */
export function proposedSpec(name: string, files: readonly FileEntry[]): Record<string, unknown> {
  const { runs, templates, inputs, command } = proposeParts(files);
  const isDoe = runs !== null || templates.length > 0;
  return {
    name,
    type: isDoe ? 'doe' : 'basic',
    ...(inputs.length === 0 ? {} : { inputs }),
    ...(command === null ? {} : { command }),
    ...(isDoe ? { doe: { ...(runs === null ? {} : { runs }), ...(templates.length === 0 ? {} : { templates }) } } : {}),
  };
}
