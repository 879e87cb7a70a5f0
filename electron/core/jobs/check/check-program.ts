import type { SiteKind, Software } from '../../../../shared/contract/sites.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import { findProgram } from '../../sites/local/probe-programs.ts';

/** Words that a POSIX shell understands by itself. */
const SHELL_WORDS = new Set(
  '. : [ alias break bg case cd command continue do done echo elif else esac eval exec exit export false fg fi for getopts hash if in jobs kill local printf pwd read readonly return set shift source test then times trap true type ulimit umask unset until wait while { } ! ('.split(
    ' ',
  ),
);

/** The first program of a command line, or null where only the shell could tell. */
export function firstProgram(command: string): string | null {
  for (const token of command.trim().split(/\s+/)) {
    if (/^[A-Za-z_]\w*=/.test(token)) continue;
    return /^[\w./+-]+$/.test(token) && !SHELL_WORDS.has(token) ? token : null;
  }
  return null;
}

/**
 * Whether the command can be started here: `SW01` a program or the software is not installed (with what to install),
 * `SW02` unknown software, `SW03` another version, `SW04` a script that is not among the files of the run (`runFiles`; null = cannot be known),
 * `SW05` the last look at a remote site did not find it.
 */
export async function checkProgram(
  spec: JobSpec,
  catalogue: readonly Software[],
  runFiles: ReadonlySet<string> | null,
  site: { readonly name: string; readonly kind: SiteKind } = { name: 'local', kind: 'local' },
): Promise<Problem[]> {
  const here = site.kind === 'local' ? 'this workstation' : site.name;
  const problems: Problem[] = [];
  let missing: string | null = null;
  if (spec.software !== undefined) {
    const [name = '', version] = spec.software.split('@');
    const entry = chosenSoftware(catalogue, spec.software);
    const at = { file: 'slipway.yaml', field: '/software' };
    if (entry === undefined) {
      const near = suggest(
        name,
        catalogue.map((s) => s.name),
      );
      const known = catalogue.map((s) => s.name).join(', ');
      problems.push(
        problem('SW02', 'error', `"${name}" is not in the software catalogue.`, {
          ...at,
          hint:
            near === null
              ? `Known are ${known}. Without "software" the command is run as it is.`
              : `Did you mean ${near}?`,
        }),
      );
    } else if (entry.origin === 'missing') {
      missing = entry.command.split(' ')[0] ?? null;
      problems.push(
        site.kind === 'local'
          ? problem('SW01', 'error', `${entry.title} is not installed on ${here}.`, { ...at, hint: entry.hint })
          : problem('SW05', 'warning', `${entry.title} was not found on ${here}.`, { ...at, hint: entry.hint }),
      );
    } else if (version !== undefined && entry.version !== null && !matchesVersion(entry.version, version)) {
      problems.push(
        problem('SW03', 'warning', `${entry.title} ${version} is asked for; ${entry.version} is on ${here}.`, {
          ...at,
          hint: 'Check that the results do not depend on the version, or change the version in slipway.yaml.',
        }),
      );
    }
  }
  const parts = [
    ['/command', spec.command],
    ['/doe/before', spec.doe?.before],
    ['/doe/after', spec.doe?.after],
  ] as const;
  for (const [field, command] of parts) {
    const program = command === undefined ? null : firstProgram(command);
    if (program === null || program === missing) continue;
    if (program.startsWith('./')) {
      const file = program.slice(2);
      if (runFiles !== null && !runFiles.has(file) && field === '/command' && spec.doe?.before === undefined) {
        problems.push(
          problem('SW04', 'error', `The command starts ${program}, but no input or template brings that file.`, {
            file: 'slipway.yaml',
            field,
            hint: `Add ${file} to inputs, or write a template for it.`,
          }),
        );
      }
      continue;
    }
    // What the runs of another machine find, only they can tell; but what the last look at it did not find is worth a word.
    if (site.kind !== 'local') {
      const gone = catalogue.find((s) => s.origin === 'missing' && s.command.split(' ')[0] === program);
      if (gone !== undefined && spec.software === undefined)
        problems.push(
          problem('SW05', 'warning', `The program "${program}" (${gone.title}) was not found on ${here}.`, {
            file: 'slipway.yaml',
            field,
            hint: gone.hint,
          }),
        );
      continue;
    }
    const path = spec.environment['PATH'] ?? process.env['PATH'] ?? '';
    if (findProgram(program, path) !== null) continue;
    const known = catalogue.find((s) => s.command.split(' ')[0] === program);
    problems.push(
      problem('SW01', 'error', `The program "${program}" is not found on this workstation.`, {
        file: 'slipway.yaml',
        field,
        hint:
          known?.hint ??
          'Install it, or write its full path in the command. Runs use the PATH that Slipway was started with.',
      }),
    );
  }
  return problems;
}

/** The entry of a catalogue that `name@version` means: of that version when there is one, else the first that is there. */
export function chosenSoftware(catalogue: readonly Software[], wanted: string): Software | undefined {
  const [name = '', version] = wanted.split('@');
  const named = catalogue.filter((s) => s.name === name.toLowerCase());
  return (
    named.find((s) => version !== undefined && s.version !== null && matchesVersion(s.version, version)) ??
    named.find((s) => s.origin !== 'missing') ??
    named[0]
  );
}

/** `2.20` is asked for: `2.20` and `2.20.1` fit. */
function matchesVersion(installed: string, wanted: string): boolean {
  return installed === wanted || installed.startsWith(`${wanted}.`);
}
