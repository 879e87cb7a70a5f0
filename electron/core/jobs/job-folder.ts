/** Names of what lies in a job's folder. */
export const JOB_FOLDER = {
  inputs: 'inputs',
  choices: 'choices',
  templates: 'templates',
  runs: 'runs',
  earlier: 'attempts',
  wrapper: 'wrapper.sh',
  storageScript: 'storage.sh',
  /** The objects that the runs fetch, as they were when the job was submitted. */
  objects: 'objects.json',
  /** What the storage script may do; only while runs are going. */
  access: 'access',
} as const;
