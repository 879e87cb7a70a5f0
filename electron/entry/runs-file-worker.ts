import '../core/runs-file/runs-file-worker.ts';
