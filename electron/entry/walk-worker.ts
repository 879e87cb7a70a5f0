import '../core/transfer/walk-worker/worker.ts';
