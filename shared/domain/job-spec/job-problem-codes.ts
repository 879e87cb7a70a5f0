/** The problems that reading a job spec can find. Codes are stable: scripts and docs refer to them. */
export const JOB_PROBLEMS = {
  JOB01: 'The file is not valid YAML or JSON.',
  JOB02: 'Unknown key.',
  JOB03: 'A value of the wrong type, or not one of the allowed ones.',
  JOB04: 'A required key is missing.',
  JOB05: 'A key is written twice.',
  JOB06: 'Something that this version of Slipway cannot do yet.',
  JOB07: 'A path that is absolute, leaves the folder, or cannot be a file name.',
  JOB08: 'A name that is no key, is reserved, or collides with another.',
  JOB09: 'A regular expression that does not compile, or has no such group.',
  JOB10: 'Keys that contradict or need each other.',
  JOB11: 'A duration, size or number that is not understood or out of range.',
  JOB12: 'An expression with an error, an unknown name, or a cycle.',
  JOB13: 'A design that cannot be made.',
  JOB14: 'No time limit is given: 24 h is used.',
  JOB15: 'The file is too large or uses too many aliases.',
  JOB16: 'Allowed, but probably not what is meant.',
} as const;

export type JobProblemCode = keyof typeof JOB_PROBLEMS;
