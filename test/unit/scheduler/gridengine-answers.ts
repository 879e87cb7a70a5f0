import { readFileSync } from 'node:fs';
import type { Reading, CommandOutput, TaskRecord } from '../../../shared/domain/scheduler/types.ts';
import type { GridEngineFacts } from '../../../shared/domain/scheduler/gridengine.ts';
import { createGridEngine } from '../../../shared/domain/scheduler/gridengine.ts';

/** What Son of Grid Engine 8.1.9 printed. */
export function recorded(name: string): string {
  return readFileSync(new URL(`fixtures/gridengine-${name}`, import.meta.url), 'utf8');
}

export const FACTS: GridEngineFacts = {
  memory: { name: 'h_vmem', perSlot: true, consumable: true },
  environments: { 'main.q': 'smp' },
  bash: '/bin/bash',
};
export const gridEngine = createGridEngine(FACTS);

export function out(stdout: string, code = 0, stderr = ''): CommandOutput {
  return { stdout, stderr, code };
}

export function read(reading: Reading): readonly TaskRecord[] {
  if (reading.kind !== 'read') throw new Error(`${reading.kind}: ${reading.message}`);
  return reading.records;
}

/** `34.3 finishing dr` for each record. */
export function brief(records: readonly TaskRecord[]): string[] {
  return records.map((r) => `${r.id}.${r.tasks.join(',')} ${r.state} ${r.rawState}`);
}
