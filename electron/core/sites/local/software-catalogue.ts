/** The solvers that Slipway knows by name: how they are found, asked for their version, started and installed. */
import { realpathSync } from 'node:fs';
import type { Software } from '../../../../shared/contract/sites.ts';
import { askProgram, findProgram } from './probe-programs.ts';

export interface CatalogueEntry {
  /** As in `software: name@version`. */
  readonly name: string;
  readonly title: string;
  /** Programs that show its presence, the usual one first. */
  readonly programs: readonly string[];
  /** null = it is not started to be asked: that may take a licence, or leave files. Its real path tells then. */
  readonly versionArguments: readonly string[] | null;
  /** Group 1 is the version, in what the program prints on either stream, or in its real path. */
  readonly versionPattern: RegExp;
  /** A program alone proves nothing: it is there only when it tells a version. */
  readonly needsVersion?: true;
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
  {
    name: 'tensorflow',
    title: 'TensorFlow',
    programs: ['python3'],
    versionArguments: ['-c', 'import importlib.metadata as m; print("TensorFlow", m.version("tensorflow"))'],
    versionPattern: /^TensorFlow (\d[\w.]*)/m,
    needsVersion: true,
    command: 'python3 model.py',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://www.tensorflow.org/install',
  },
  {
    name: 'abaqus',
    title: 'Abaqus',
    programs: ['abaqus', 'abq2026', 'abq2025', 'abq2024', 'abq2023', 'abq2022'],
    versionArguments: null,
    versionPattern: /(?:abq|abaqus|EstProducts)[^\n]*?(20\d\d)/i,
    command: 'abaqus job=model interactive',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://www.3ds.com/products/simulia/abaqus',
  },
  {
    name: 'ansys',
    title: 'Ansys Mechanical',
    programs: ['ansys', 'ansys261', 'ansys252', 'ansys251', 'ansys242', 'ansys241', 'ansys232', 'ansys231'],
    versionArguments: null,
    versionPattern: /(?:\/v|ansys)(\d{3})(?!\d)/,
    command: 'ansys -b -i model.inp -o model.out',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://www.ansys.com',
  },
  {
    name: 'fluent',
    title: 'Ansys Fluent',
    programs: ['fluent'],
    versionArguments: null,
    versionPattern: /(?:\/v|ansys)(\d{3})(?!\d)/,
    command: 'fluent 3ddp -g -i model.jou',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://www.ansys.com',
  },
  {
    name: 'starccm',
    title: 'STAR-CCM+',
    programs: ['starccm+'],
    versionArguments: null,
    versionPattern: /STAR-CCM\+(\d[\w.-]*)/,
    command: 'starccm+ -batch run model.sim',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://plm.sw.siemens.com/simcenter/fluids-thermal-simulation/star-ccm',
  },
  {
    name: 'ls-dyna',
    title: 'LS-DYNA',
    programs: ['lsdyna', 'ls-dyna', 'lsdyna_sp', 'lsdyna_dp', 'ls-dyna_smp_d', 'ls-dyna_smp_s', 'ls-dyna_mpp_d'],
    versionArguments: null,
    versionPattern: /[Rr](\d+(?:[._]\d+)*)/,
    command: 'lsdyna i=model.k',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://lsdyna.ansys.com',
  },
  {
    name: 'converge',
    title: 'CONVERGE',
    programs: ['converge', 'converge-mpich', 'converge-openmpi', 'converge-intelmpi', 'converge-hpmpi'],
    versionArguments: null,
    versionPattern: /converge[^\n]*?(\d+\.\d[\w.]*)/i,
    command: 'converge',
    debianPackage: null,
    homebrewPackage: null,
    page: 'https://convergecfd.com',
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
    const { versionArguments: args } = entry;
    const told = args === null ? realpathSync(program) : await askProgram(program, args, timeoutMs);
    const version = told === null ? undefined : entry.versionPattern.exec(told)?.[1];
    if (version === undefined && entry.needsVersion === true) return null;
    return { name: entry.name, version: version?.replace(/\.$/, '') ?? null, path: program };
  }
  return null;
}

/** A sentence that tells how to install an entry here. */
export function installHint(entry: CatalogueEntry, tools: { readonly apt: boolean; readonly brew: boolean }): string {
  if (tools.apt && entry.debianPackage !== null) return `Install it with: apt install ${entry.debianPackage}`;
  if (tools.brew && entry.homebrewPackage !== null) return `Install it with: brew install ${entry.homebrewPackage}`;
  if (entry.needsVersion === true) return `See ${entry.page} for how to install it for ${entry.programs[0]}.`;
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
