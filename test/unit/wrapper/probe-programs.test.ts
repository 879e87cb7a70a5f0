import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../../electron/core/sites/local/probe-programs.ts';
import {
  describeSoftware,
  installHint,
  probeSoftware,
  SOFTWARE_CATALOGUE,
} from '../../../electron/core/sites/local/software-catalogue.ts';
import type { CatalogueEntry } from '../../../electron/core/sites/local/software-catalogue.ts';
import { tempFolder } from '../../support/job-folder.ts';

function program(folder: string, name: string, text: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  return path;
}

function entry(name: string): CatalogueEntry {
  const found = SOFTWARE_CATALOGUE.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

describe('findProgram', () => {
  it('takes the first file on the PATH that may be executed', () => {
    const folder = tempFolder();
    const [a, b, c] = [join(folder, 'a'), join(folder, "b with 'blanks'"), join(folder, 'c')];
    program(a, 'solver', '', 0o644);
    mkdirSync(join(c, 'other'), { recursive: true });
    const wanted = program(b, 'solver', '');
    program(c, 'solver', '');
    expect(findProgram('solver', `${a}::${folder}/none:${b}:${c}`, 'linux')).toBe(wanted);
    expect(findProgram('other', c, 'linux')).toBeNull();
    expect(findProgram('nothing', `${a}:${b}:${c}`, 'linux')).toBeNull();
    expect(findProgram('solver', '', 'linux')).toBeNull();
    expect(findProgram(wanted, '', 'linux')).toBe(wanted);
  });

  it('does not look into folders relative to the place where someone stands', () => {
    const folder = tempFolder();
    program(folder, 'solver', '');
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(findProgram('solver', ':.:./', 'linux')).toBeNull();
    } finally {
      process.chdir(before);
    }
  });

  it('needs one of the endings of PATHEXT on Windows', () => {
    // Paths of this system do not look like those of Windows; only that nothing is taken by mistake can be seen here.
    const folder = tempFolder();
    program(folder, 'solver', '');
    expect(findProgram('solver', folder, 'win32', '.EXE;.BAT')).toBeNull();
  });
});

describe('the software catalogue', () => {
  it.each([
    ['calculix', 'ccx', 'echo; echo "This is Version 2.20"; echo; exit 201', '2.20'],
    ['gmsh', 'gmsh', 'echo 4.8.4 >&2', '4.8.4'],
    ['octave', 'octave-cli', 'echo "GNU Octave, version 7.3.0"', '7.3.0'],
    ['python', 'python3', 'echo "Python 3.12.1"', '3.12.1'],
    ['openfoam', 'simpleFoam', 'echo "Using: OpenFOAM-v2212 (2212) (see www.OpenFOAM.com)"', '2212'],
    ['openfoam', 'simpleFoam', 'echo "Using: OpenFOAM-10 (see https://openfoam.org)"', '10'],
    ['su2', 'SU2_CFD', 'echo "| SU2 v8.0.1 \\"Harrier\\" |"', '8.0.1'],
    ['elmer', 'ElmerSolver', 'echo "ELMER SOLVER (v 9.0) STARTED AT: 2026/01/01"; exit 1', '9.0'],
    ['calculix', 'ccx', 'echo something else', null],
    ['tensorflow', 'python3', '[ "$1" = -c ] && echo "TensorFlow 2.19.0"', '2.19.0'],
  ])('reads the version of %s (%s: %s)', async (name, file, text, version) => {
    const folder = tempFolder();
    const path = program(folder, file, text);
    expect(await probeSoftware(entry(name), folder, 'linux')).toEqual({ name, version, path });
  });

  it.each([
    ['abaqus', 'abaqus', 'SIMULIA/EstProducts/2024/linux_a64/code/bin/SMALauncher', '2024'],
    ['abaqus', 'abq2023', 'abq2023', '2023'],
    ['ansys', 'ansys252', 'ansys_inc/v252/ansys/bin/ansys252', '252'],
    ['fluent', 'fluent', 'ansys_inc/v242/fluent/bin/fluent', '242'],
    ['starccm', 'starccm+', '18.06.006/STAR-CCM+18.06.006/star/bin/starccm+', '18.06.006'],
    ['ls-dyna', 'lsdyna', 'lsdyna/R14.1/ls-dyna_smp_d_R14_1_0', '14.1'],
    ['converge', 'converge', 'Convergent_Science/CONVERGE/4.1.0/bin/converge-openmpi', '4.1.0'],
    ['converge', 'converge', 'opt/solver', null],
  ])('does not start %s to ask its version: %s -> %s', async (name, file, real, version) => {
    const folder = tempFolder();
    const bin = join(folder, 'bin');
    const proof = join(folder, 'was-started');
    const target = program(dirname(join(folder, 'store', real)), basename(real), `touch '${proof}'`);
    mkdirSync(bin);
    symlinkSync(target, join(bin, file));
    expect(await probeSoftware(entry(name), bin, 'linux')).toEqual({ name, version, path: join(bin, file) });
    expect(existsSync(proof)).toBe(false);
  });

  it('does not take any Python for one with TensorFlow', async () => {
    const folder = tempFolder();
    program(folder, 'python3', 'echo "PackageNotFoundError: tensorflow" >&2; exit 1');
    expect(await probeSoftware(entry('tensorflow'), folder, 'linux')).toBeNull();
  });

  it('takes no longer than it may, and finds nothing where nothing is', async () => {
    const folder = tempFolder();
    const path = program(folder, 'ccx', 'exec sleep 60');
    expect(await probeSoftware(entry('calculix'), folder, 'linux', 100)).toEqual({
      name: 'calculix',
      version: null,
      path,
    });
    expect(await probeSoftware(entry('gmsh'), folder, 'linux')).toBeNull();
  });

  it('tells how to install what is missing', async () => {
    const none = { apt: false, brew: false };
    expect(installHint(entry('calculix'), { ...none, apt: true })).toBe('Install it with: apt install calculix-ccx');
    expect(installHint(entry('gmsh'), { ...none, brew: true })).toBe('Install it with: brew install gmsh');
    expect(installHint(entry('su2'), { apt: true, brew: true })).toContain('https://su2code.github.io');
    const software = await describeSoftware(tempFolder(), 'linux');
    expect(software.map(({ name }) => name)).toEqual(SOFTWARE_CATALOGUE.map(({ name }) => name));
    for (const one of software) expect(one).toMatchObject({ version: null, path: null, hint: expect.any(String) });
  });
});
