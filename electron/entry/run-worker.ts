import '../core/jobs/run-worker/worker.ts';
