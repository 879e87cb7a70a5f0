import { ownSoftware } from '../../../shared/contract/sites.ts';
import type { OwnSoftware, Software } from '../../../shared/contract/sites.ts';

/** An entry of the software catalogue as a person types it. */
export interface SoftwareForm {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly command: string;
  /** Shell lines, one a line. */
  readonly setup: string;
  /** `NAME=VALUE`, one a line. */
  readonly environment: string;
}

/** Texts of an entry for its form; null = a new one. */
export function softwareForm(entry: Software | null): SoftwareForm {
  return {
    name: entry?.name ?? '',
    version: entry?.version ?? '',
    title: entry?.title ?? '',
    command: entry?.command ?? '',
    setup: entry?.setup.join('\n') ?? '',
    environment: Object.entries(entry?.environment ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  };
}

export type SoftwareProblems = { readonly [K in keyof SoftwareForm]?: string | undefined };

/** Reads a form by the rules of the contract; problems stand at their fields. */
export function readSoftware(form: SoftwareForm): {
  readonly entry: OwnSoftware | null;
  readonly problems: SoftwareProblems;
} {
  const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines(form.environment).map((line) => {
    const at = line.indexOf('=');
    return [at < 0 ? line.trim() : line.slice(0, at).trim(), at < 0 ? null : line.slice(at + 1).trim()] as const;
  });
  const wrong = pairs.find(([name, value]) => value === null || !/^[A-Za-z_]\w*$/.test(name));
  if (wrong !== undefined)
    return { entry: null, problems: { environment: `“${wrong[0]}” is not of the form NAME=VALUE` } };
  const parsed = ownSoftware.safeParse({
    name: form.name.trim(),
    version: form.version.trim() === '' ? null : form.version.trim(),
    title: form.title.trim() === '' ? form.name.trim() : form.title.trim(),
    command: form.command.trim(),
    setup: lines(form.setup),
    environment: Object.fromEntries(pairs),
  });
  if (parsed.success) return { entry: parsed.data, problems: {} };
  const problems: { -readonly [K in keyof SoftwareProblems]: SoftwareProblems[K] } = {};
  for (const issue of parsed.error.issues) {
    const key = issue.path[0] as keyof SoftwareForm;
    problems[key] ??= WORDS[key] ?? issue.message;
  }
  return { entry: null, problems };
}

const WORDS: SoftwareProblems = {
  name: 'Lower case letters, digits and . _ + -, such as calculix',
  command: 'What starts it, such as ccx -i model',
};
