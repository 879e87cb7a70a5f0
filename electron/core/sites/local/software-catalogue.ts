/** The solvers that Slipway knows by name: how they are found, asked for their version, started and installed. */
import type { Software } from '../../../../shared/contract/sites.ts';
import { askProgram, findProgram } from './probe-programs.ts';

export interface CatalogueEntry {
  /** As in `software: name@version`. */
  readonly name: string;
  readonly title: string;
  /** Programs that show its presence, the usual one first. */
  readonly programs: readonly string[];
  readonly versionArguments: readonly string[];
  /** Group 1 is the version, in what the program prints on either stream. */
  readonly versionPattern: RegExp;
  /** Its usual command line. */
  readonly command: string;
  /** null = not packaged there; `page` tells then. */
  readonly debianPackage: string | null;
  readonly homebrewPackage: string | null;
  readonly page: string;
}

export const SOFTWARE_CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'calculix',
    title: 'CalculiX',
    programs: ['ccx'],
    versionArguments: ['-v'],
    versionPattern: /Version\s+(\d[\w.]*)/,
    command: 'ccx -i model',
    debianPackage: 'calculix-ccx',
    homebrewPackage: 'calculix-ccx',
    page: 'https://www.calculix.de',
  },
  {
    name: 'openfoam',
    title: 'OpenFOAM',
    programs: ['simpleFoam', 'foamRun'],
    versionArguments: ['-help'],
    versionPattern: /OpenFOAM-v?(\d[\w.]*)/,
    command: 'simpleFoam',
    debianPackage: 'openfoam',
    homebrewPackage: null,
    page: 'https://www.openfoam.com/download',
  },
  {
    name: 'gmsh',
    title: 'Gmsh',
    programs: ['gmsh'],
    versionArguments: ['--version'],
    versionPattern: /(\d+\.\d[\w.]*)/,
    command: 'gmsh -3 model.geo -format msh',
    debianPackage: 'gmsh',
    homebrewPackage: 'gmsh',
    page: 'https://gmsh.info',
  },
  {
    name: 'octave',
    title: 'GNU Octave',
    programs: ['octave-cli', 'octave'],
    versionArguments: ['--version'],
    versionPattern: /version\s+(\d[\w.]*)/i,
    command: 'octave-cli --no-init-file model.m',
    debianPackage: 'octave',
    homebrewPackage: 'octave',
    page: 'https://octave.org/download',
  },
  {
    name: 'python',
    title: 'Python 3',
    programs: ['python3', 'python'],
    versionArguments: ['--version'],
    versionPattern: /Python (3[\w.]*)/,
    command: 'python3 model.py',
    debianPackage: 'python3',
    homebrewPackage: 'python',
    page: 'https://www.python.org/downloads',
  },
  {
    name: 'su2',
    title: 'SU2',
    programs: ['SU2_CFD'],
    versionArguments: ['--help'],
    versionPattern: /SU2\s+v?(\d[\w.]*)/,
    command: 'SU2_CFD model.cfg',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://su2code.github.io/download.html',
  },
  {
    name: 'elmer',
    title: 'Elmer FEM',
    programs: ['ElmerSolver'],
    versionArguments: ['-v'],
    versionPattern: /\(?v(?:ersion)?:?\s*(\d[\w.]*)/i,
    command: 'ElmerSolver model.sif',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://www.elmerfem.org',
  },
];

export interface FoundSoftware {
  readonly name: string;
  /** null = it is there and does not say which version it is. */
  readonly version: string | null;
  readonly path: string;
}

const VERSION_TIMEOUT_MS = 5_000;

/** Looks for one entry on `path` (the variable PATH); null = not there. */
export async function probeSoftware(
  entry: CatalogueEntry,
  path: string,
  platform: NodeJS.Platform = process.platform,
  timeoutMs: number = VERSION_TIMEOUT_MS,
): Promise<FoundSoftware | null> {
  for (const name of entry.programs) {
    const program = findProgram(name, path, platform);
    if (program === null) continue;
    const printed = await askProgram(program, entry.versionArguments, timeoutMs);
    const version = printed === null ? undefined : entry.versionPattern.exec(printed)?.[1];
    return { name: entry.name, version: version?.replace(/\.$/, '') ?? null, path: program };
  }
  return null;
}

/** A sentence that tells how to install an entry here. */
export function installHint(entry: CatalogueEntry, tools: { readonly apt: boolean; readonly brew: boolean }): string {
  if (tools.apt && entry.debianPackage !== null) return `Install it with: apt install ${entry.debianPackage}`;
  if (tools.brew && entry.homebrewPackage !== null) return `Install it with: brew install ${entry.homebrewPackage}`;
  return `Download it from ${entry.page} and put ${entry.programs[0]} on the PATH.`;
}

/** The whole catalogue with what was found on `path`. */
export async function describeSoftware(path: string, platform: NodeJS.Platform): Promise<Software[]> {
  const tools = {
    apt: findProgram('apt', path, platform) !== null,
    brew: findProgram('brew', path, platform) !== null,
  };
  return await Promise.all(
    SOFTWARE_CATALOGUE.map(async (entry): Promise<Software> => {
      const found = await probeSoftware(entry, path, platform);
      return {
        name: entry.name,
        title: entry.title,
        version: found?.version ?? null,
        path: found?.path ?? null,
        command: entry.command,
        hint: found === null ? installHint(entry, tools) : null,
        origin: found === null ? 'missing' : 'found',
        setup: [],
        environment: {},
      };
    }),
  );
}
