import { parentPort } from 'node:worker_threads';
import { collectRun } from './collect-run.ts';
import { packRuns } from './pack-run.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';
import type { StagingJob } from './stage-run.ts';
import { openForStaging, stageRun } from './stage-run.ts';

const jobs = new Map<string, StagingJob>();

function jobOf(id: string): StagingJob {
  const job = jobs.get(id);
  if (job === undefined) throw new Error(`job ${id} is not open in the run worker`);
  return job;
}

function handle(request: WorkerRequest): unknown {
  switch (request.kind) {
    case 'open':
      jobs.set(request.job.job, openForStaging(request.job));
      return null;
    case 'close':
      jobs.delete(request.job);
      return null;
    case 'stage': {
      const job = jobOf(request.job);
      return request.items.map((item) => stageRun(job, item));
    }
    case 'pack':
      return packRuns(jobOf(request.job), request.items, request.compression);
    case 'collect': {
      const job = jobOf(request.job);
      return request.items.map((item) => collectRun(job, item));
    }
  }
}

parentPort!.on('message', (request: WorkerRequest) => {
  let reply: WorkerReply;
  try {
    reply = { id: request.id, ok: true, result: handle(request) };
  } catch (error) {
    reply = { id: request.id, ok: false, message: (error as Error).message };
  }
  parentPort!.postMessage(reply);
});
